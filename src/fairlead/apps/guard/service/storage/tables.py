"""The tables, in SQL that SQLite and Postgres both take."""

from __future__ import annotations

from collections.abc import Sequence

TABLES: Sequence[str] = (
    "CREATE TABLE IF NOT EXISTS guard_sightings (digest text NOT NULL, version text NOT NULL, trial text NOT NULL, "
    "rule text NOT NULL, risk text NOT NULL, flagged integer NOT NULL, confidence double precision NOT NULL, "
    "seen bigint NOT NULL, first_seen double precision NOT NULL, last_seen double precision NOT NULL, "
    "PRIMARY KEY (digest, version, trial))",
    "CREATE INDEX IF NOT EXISTS guard_sightings_trial ON guard_sightings (trial, version)",
    "CREATE INDEX IF NOT EXISTS guard_sightings_age ON guard_sightings (last_seen)",
    "CREATE TABLE IF NOT EXISTS guard_feedback (digest text PRIMARY KEY, is_secret integer NOT NULL, "
    "at double precision NOT NULL)",
    "CREATE TABLE IF NOT EXISTS guard_versions (number bigint PRIMARY KEY, status text NOT NULL, source text NOT NULL, "
    "parent text NOT NULL, note text NOT NULL, recipe text NOT NULL, metrics text NOT NULL, why text NOT NULL, "
    "created double precision NOT NULL)",
    "CREATE TABLE IF NOT EXISTS guard_activations (number bigint PRIMARY KEY, version text NOT NULL, "
    "at double precision NOT NULL)",
    "CREATE TABLE IF NOT EXISTS guard_trials (number bigint PRIMARY KEY, control text NOT NULL, "
    "candidate text NOT NULL, share double precision NOT NULL, started double precision NOT NULL, "
    "ends double precision NOT NULL, disabled double precision NOT NULL)",
    "CREATE TABLE IF NOT EXISTS guard_keys (name text PRIMARY KEY, sha256 text NOT NULL, role text NOT NULL, "
    "rate text NOT NULL, created double precision NOT NULL, revoked double precision NOT NULL)",
    "CREATE TABLE IF NOT EXISTS guard_settings (name text PRIMARY KEY, value text NOT NULL)",
)
