"""The tables. They are only ever added to: an older hub beside a newer one goes on working."""

from __future__ import annotations

from fairlead.apps.hub.accounts.stores.database import Database


def statements(database: Database) -> list[str]:
    """What makes them, where they are missing."""
    return [text.format(double=database.double, boolean=database.boolean) for text in TABLES]


TABLES = (
    """CREATE TABLE IF NOT EXISTS hub_ledger (
  id text PRIMARY KEY, key text NOT NULL, digest text NOT NULL, team text, model text NOT NULL,
  provider text NOT NULL, target text NOT NULL, operation text NOT NULL, status integer NOT NULL,
  started {double} NOT NULL, first {double}, ended {double} NOT NULL,
  input bigint NOT NULL, output bigint NOT NULL, cached bigint NOT NULL, written bigint NOT NULL,
  reasoning bigint NOT NULL, more text, cost_nano bigint NOT NULL, estimated {boolean} NOT NULL,
  day integer NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS hub_ledger_day ON hub_ledger (day)",
    """CREATE TABLE IF NOT EXISTS hub_keys (
  digest text PRIMARY KEY, name text NOT NULL UNIQUE, fields text NOT NULL, revoked {boolean} NOT NULL,
  change bigint NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS hub_values (
  digest text PRIMARY KEY, name text NOT NULL, made {double} NOT NULL, until {double})""",
    "CREATE INDEX IF NOT EXISTS hub_values_name ON hub_values (name)",
    """CREATE TABLE IF NOT EXISTS hub_teams (
  name text PRIMARY KEY, fields text NOT NULL, gone {boolean} NOT NULL, change bigint NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS hub_changes (one integer PRIMARY KEY, change bigint NOT NULL)""",
    "INSERT INTO hub_changes VALUES (1, 0) ON CONFLICT DO NOTHING",
    "CREATE TABLE IF NOT EXISTS hub_holders (holder text PRIMARY KEY, seen {double} NOT NULL)",
    """CREATE TABLE IF NOT EXISTS hub_totals (
  counter text PRIMARY KEY, ends {double} NOT NULL, taken bigint NOT NULL, spent bigint NOT NULL,
  wanted {double} NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS hub_shares (
  counter text NOT NULL, holder text NOT NULL, granted bigint NOT NULL, spent bigint NOT NULL,
  PRIMARY KEY (counter, holder))""",
    "CREATE INDEX IF NOT EXISTS hub_shares_holder ON hub_shares (holder)",
)
