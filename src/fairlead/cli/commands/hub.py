"""`fairlead hub`: one API in front of every LLM provider, as a program of its own or as `uses: hub` in a stack.

Options that are left out come from the variables that a stack sets, so that both are started by the same line.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fairlead.cli.output import screen
from fairlead.cli.output.table import Cell, Column, fit
from fairlead.cli.shell import Section
from fairlead.cli.storing import stored
from fairlead.errors import UsageError

if TYPE_CHECKING:
    from fairlead.apps.hub.config import Key
    from fairlead.apps.hub.logs import Form

FOLDER = ".fairlead-hub"
PORT = 8080

CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="A YAML or JSON file, read again when it changes. [FAIRLEAD_CONFIG; the echo provider alone]",
)

STORED = stored(FOLDER, "keys and the ledger")


@click.group(cls=Section)
def command() -> None:
    """Serve one API in front of every LLM provider."""


@command.command()
@CONFIG
@click.option("--host", default="127.0.0.1", envvar="HOST", help="Address to listen on. [HOST; 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, envvar="PORT", help=f"[PORT; {PORT}]")
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    envvar=["METRICS_PORT", "PORT_METRICS"],
    help="A second listener, for metrics, health and administration only. [METRICS_PORT, PORT_METRICS; the first]",
)
@STORED
@click.option(
    "--budgets", metavar="URL", envvar="REDIS_URL", help="redis://…, for several hubs. [REDIS_URL; the store]"
)
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of its log."
)
def serve(
    config: Path | None,
    host: str,
    port: int,
    metrics_port: int | None,
    folder: Path,
    store: str | None,
    budgets: str | None,
    log_format: Form,
) -> None:
    """Serve until SIGTERM; streams that have begun go on to their end."""
    from fairlead.apps.hub.loading import Source
    from fairlead.apps.hub.main import Settings, run

    run(Settings(Source(config, os.environ), folder, host, port, metrics_port, store, budgets), log_format)


@command.command()
@click.argument("config", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
def check(config: Path) -> None:
    """Check a configuration, with the keys of this environment."""
    from fairlead.apps.hub.checking import table_of
    from fairlead.apps.hub.loading import Source

    table_of(Source(config, os.environ))
    click.echo(f"{config}: no problems")


@command.command()
@CONFIG
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def models(config: Path | None, as_json: bool) -> None:
    """Show which models there are, and who answers for them."""
    from fairlead.apps.hub.checking import routed
    from fairlead.apps.hub.loading import Source

    rows = routed(Source(config, os.environ))
    if as_json:
        click.echo(json.dumps({"models": rows}, indent=2))
        return
    if not rows:
        click.echo("no model has a name of its own; each can be asked as `provider/model`, such as `echo/echo`")
        return
    columns = (Column("MODEL"), Column("ANSWERED BY"), Column("THEN BY"), Column("BALANCE"))
    lines: list[list[Cell | str]] = [
        [row["model"], ", ".join(row["targets"]), ", ".join(row["fallbacks"]) or "-", row["balance"]] for row in rows
    ]
    click.echo("\n".join(fit(columns, lines, screen.width()).lines))


@command.group(cls=Section)
def keys() -> None:
    """Make, list and end the keys that clients ask with; a hub that runs learns of it within a second."""


@keys.command()
@click.argument("name")
@click.option("--team", metavar="NAME", help="The team whose limits it shares.")
@click.option(
    "--model", "models", multiple=True, metavar="MODEL", help="It may ask only this (`gpt-*`); again for more."
)
@click.option("--tag", "tags", multiple=True, help="Routes with this tag are for it; again for more.")
@click.option("--usd", type=float, metavar="AMOUNT", help="What it may spend.")
@click.option(
    "--per", type=click.Choice(["minute", "hour", "day", "month", "ever"]), default="month", help="In which time (UTC)."
)
@click.option("--requests", metavar="RATE", help="Such as 600/m.")
@click.option("--tokens", metavar="RATE", help="Such as 100000/m.")
@click.option("--concurrent", type=int, metavar="COUNT", help="Requests under way at most.")
@click.option("--expires", metavar="TIME", help="ISO 8601.")
@STORED
def create(
    name: str, team: str | None, models: tuple[str, ...], tags: tuple[str, ...], expires: str | None, folder: Path,
    store: str | None, per: str, **limits: Any,
) -> None:  # fmt: skip
    """Make a key, and show it this once."""
    from fairlead.apps.hub.accounts import offline

    fields: dict[str, Any] = {"team": team, "models": list(models) or None, "tags": list(tags) or None}
    fields |= {"expires": expires, "limits": _limits(limits, per)}
    asked = {field: value for field, value in fields.items() if value is not None}
    made = offline.create(offline.store_url(store, folder), name, asked)
    click.echo(made.secret)
    click.echo(f"this is the key of {name}: it is kept nowhere, and not shown again", err=True)


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@STORED
def list_(as_json: bool, folder: Path, store: str | None) -> None:
    """Show the keys that were made, without their values."""
    from fairlead.apps.hub.accounts import offline

    found = offline.listed(offline.store_url(store, folder))
    rows = [{"name": one.name, "revoked": one.revoked, **_fields(one.key)} for one in found]
    if as_json:
        click.echo(json.dumps({"keys": rows}, indent=2))
    elif not rows:
        click.echo("no keys were made here; `fairlead hub keys create NAME` makes one")
    else:
        columns = (Column("KEY"), Column("STATE"), Column("TEAM", 2), Column("MODELS", 3), Column("LIMITS", 1))
        click.echo("\n".join(fit(columns, [_key_row(row) for row in rows], screen.width()).lines))


@keys.command()
@click.argument("name")
@STORED
def revoke(name: str, folder: Path, store: str | None) -> None:
    """End a key at once."""
    from fairlead.apps.hub.accounts import offline

    if not offline.revoke(offline.store_url(store, folder), name):
        raise UsageError(f"there is no key {name} that was made here", hint="`fairlead hub keys list` shows them")
    click.echo(f"{name} is ended")


@keys.command()
@click.argument("name")
@click.option("--overlap", default="1h", show_default=True, help="How long the value before goes on working.")
@STORED
def rotate(name: str, overlap: str, folder: Path, store: str | None) -> None:
    """Give a key another value, and show it this once."""
    from fairlead.apps.hub.accounts import offline
    from fairlead.kit.quantity import parse_duration

    try:
        overlap_s = parse_duration(overlap)
    except ValueError as error:
        raise UsageError(f"--overlap: {error}") from error
    click.echo(offline.rotate(offline.store_url(store, folder), name, overlap_s).secret)
    click.echo(f"this is the key of {name}; the one before works for {overlap} more", err=True)


def _limits(said: dict[str, Any], per: str) -> list[dict[str, Any]] | None:
    """One limit with all that is said."""
    given = {name: value for name, value in said.items() if value is not None}
    if not given:
        return None
    return [given | ({"per": per} if "usd" in given else {})]


def _fields(key: Key) -> dict[str, Any]:
    return key.model_dump(mode="json", exclude_defaults=True, exclude={"sha256"})


def _key_row(row: dict[str, Any]) -> list[Cell | str]:
    state = Cell("ended", "bright_black") if row["revoked"] else Cell("lives", "green")
    return [row["name"], state, row.get("team") or "-", ", ".join(row.get("models") or ["all"]), _told(row)]


def _told(row: dict[str, Any]) -> str:
    """Limits in one line, such as `5 USD per day`."""
    words = []
    for limit in row.get("limits", []):
        words += [f"{limit['usd']:g} USD per {limit.get('per', 'month')}"] if "usd" in limit else []
        words += [
            f"{limit[name][0]:g} {name} in {limit[name][1]:g} s" for name in ("requests", "tokens") if name in limit
        ]
        words += [f"{limit['concurrent']} at once"] if "concurrent" in limit else []
    return ", ".join(words) or "-"
