"""The tables, in SQL that SQLite and Postgres both take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

TEXT, WHOLE, REAL = "text NOT NULL", "bigint NOT NULL", "double precision NOT NULL"

TABLES: Mapping[str, Mapping[str, str]] = {
    "guard_sightings": {
        "digest": TEXT, "version": TEXT, "trial": TEXT, "rule": TEXT, "risk": TEXT, "flagged": WHOLE,
        "confidence": REAL, "seen": WHOLE, "first_seen": REAL, "last_seen": REAL,
        "PRIMARY KEY": "(digest, version, trial)",
    },
    "guard_feedback": {"digest": TEXT, "is_secret": WHOLE, "at": REAL, "PRIMARY KEY": "(digest)"},
    "guard_versions": {
        "number": WHOLE, "status": TEXT, "source": TEXT, "parent": TEXT, "note": TEXT, "recipe": TEXT,
        "metrics": TEXT, "why": TEXT, "created": REAL, "PRIMARY KEY": "(number)",
    },
    "guard_activations": {"number": WHOLE, "version": TEXT, "at": REAL, "PRIMARY KEY": "(number)"},
    "guard_trials": {
        "number": WHOLE, "control": TEXT, "candidate": TEXT, "share": REAL, "started": REAL, "ends": REAL,
        "disabled": REAL, "PRIMARY KEY": "(number)",
    },
    "guard_keys": {
        "name": TEXT, "sha256": TEXT, "role": TEXT, "rate": TEXT, "created": REAL, "revoked": REAL,
        "PRIMARY KEY": "(name)",
    },
    "guard_settings": {"name": TEXT, "value": TEXT, "PRIMARY KEY": "(name)"},
}  # fmt: skip
"""Table -> column -> type."""

INDEXES: Mapping[str, str] = {
    "guard_sightings_trial": "guard_sightings (trial, version)",
    "guard_sightings_age": "guard_sightings (last_seen)",
}


def statements() -> Iterator[str]:
    """What makes those that are not there."""
    for table, columns in TABLES.items():
        yield f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(' '.join(one) for one in columns.items())})"
    for index, place in INDEXES.items():
        yield f"CREATE INDEX IF NOT EXISTS {index} ON {place}"
