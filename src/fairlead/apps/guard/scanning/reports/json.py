"""For programs."""

from __future__ import annotations

import json
from typing import Any

from fairlead import __version__
from fairlead.apps.guard.scanning.scan import Report, Telling
from fairlead.apps.guard.scanning.showing import shown_path


def told(report: Report) -> str:
    """One object; `version` is that of its form."""
    data = {
        "version": 1,
        "tool": f"fairlead {__version__}",
        "findings": [_secret(telling) for telling in report.findings],
        "unscanned": [
            {"path": shown_path(each.path), "commit": each.commit or None, "reason": each.reason}
            for each in report.unscanned
        ],
        "skipped": dict(sorted(report.skipped.items())),
        "in_baseline": report.known,
        "allowed": report.allowed,
        "files": report.files,
        "size_bytes": report.size_bytes,
        "duration_s": round(report.seconds, 3),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _secret(telling: Telling) -> dict[str, Any]:
    found = telling.found
    return {
        "path": shown_path(found.place.path),
        "commit": found.place.commit or None,
        "line": found.line,
        "column": found.column,
        "end_line": found.end_line,
        "end_column": found.end_column,
        "rule": found.rule,
        "kind": found.kind,
        "severity": found.severity,
        "confidence": round(found.confidence, 4),
        "reasons": list(found.reasons),
        "redacted": found.redacted,
        "through": list(found.through),
        "versions": telling.times,
        "fingerprint": telling.fingerprint,
        "expired": telling.expired or None,
    }
