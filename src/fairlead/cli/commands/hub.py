"""`fairlead hub`: one API in front of every LLM provider, as a program of its own or as `uses: hub` in a stack.

Options that are left out come from the variables that a stack sets, so that both are started by the same line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fairlead.cli.output.table import Cell, Column, fit
from fairlead.cli.shell import Section

if TYPE_CHECKING:
    from fairlead.apps.hub.logs import Form

FOLDER = ".fairlead-hub"
PORT = 8080

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="A YAML or JSON file, read again when it changes. [FAIRLEAD_CONFIG; the echo provider alone]",
)


def stored(function: Decorated) -> Decorated:
    """The options that say where keys and the ledger are."""
    options = (
        click.option(
            "--folder",
            type=click.Path(path_type=Path, file_okay=False),
            default=FOLDER,
            envvar="DATA_DIR",
            help=f"Where it keeps its records. [DATA_DIR; {FOLDER}]",
        ),
        click.option(
            "--store",
            metavar="URL",
            envvar="DATABASE_URL",
            help="sqlite:PATH or postgresql://… for keys and the ledger. [DATABASE_URL; SQLite in the folder]",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


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
@stored
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
    click.echo("\n".join(fit(columns, lines, None).lines))
