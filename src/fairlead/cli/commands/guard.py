"""`fairlead guard`: whether something is a secret, as a program of its own or as `uses: guard` in a stack.

Options that are left out come from the variables that a stack sets, so that both are started by the same line.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairlead.cli.output import screen
from fairlead.cli.output.table import Cell, Column, fit
from fairlead.cli.output.words import span
from fairlead.cli.shell import Section
from fairlead.cli.storing import stored
from fairlead.errors import UsageError

if TYPE_CHECKING:
    from fairlead.apps.guard.service.keys import Role
    from fairlead.apps.guard.service.logs import Form

FOLDER = ".fairlead-guard"
PORT = 8000

OTHERS: Mapping[str, str] = {
    "scan": "fairlead.cli.guarding.scan",
    "install-hook": "fairlead.cli.guarding.install_hook",
}
"""Commands in files of their own, each its `command`; imported when they are called."""


class Composed(Section):
    """The commands of this file, and those of others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *OTHERS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in OTHERS:
            command: click.Command = import_module(OTHERS[cmd_name]).command
            return command
        return super().get_command(ctx, cmd_name)


STORED = stored(FOLDER, "keys and figures")


@click.group(cls=Composed)
def command() -> None:
    """Tell whether something is a secret, of what kind, and how bad that is."""


@command.command()
@click.option(
    "--config", type=click.Path(path_type=Path), help="A YAML or JSON file. [FAIRLEAD_CONFIG; all by default]"
)
@click.option("--host", default="127.0.0.1", envvar="HOST", help="Address to listen on. [HOST; 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, envvar="PORT", help=f"[PORT; {PORT}]")
@STORED
@click.option("--redis", metavar="URL", envvar="REDIS_URL", help="redis://… of a cache. [REDIS_URL; memory alone]")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of its log."
)
@click.option("--access-log/--no-access-log", default=True, show_default=True, help="A JSON line for each request.")
def serve(
    config: Path | None, host: str, port: int, folder: Path, store: str | None, redis: str | None, log_format: Form,
    access_log: bool,
) -> None:  # fmt: skip
    """Serve until SIGTERM; GUARD_API_KEY may hold a key, GUARD_DIGEST_KEY that of the digests."""
    from fairlead.apps.guard.service.main import run
    from fairlead.apps.guard.service.settings import DIGESTS, KEY, Settings, read

    settings = Settings(
        folder, read(config, os.environ), host, port, store, redis,
        os.environ.get(KEY) or None, os.environ.get(DIGESTS) or None,
    )  # fmt: skip
    run(settings, log_format, access_log=access_log)


@command.command()
@click.option(
    "--config", type=click.Path(path_type=Path), help="A YAML or JSON file. [FAIRLEAD_CONFIG; all by default]"
)
def check(config: Path | None) -> None:
    """Check a configuration and its rules, and build what makes the first start fast."""
    from fairlead.apps.guard.library import loaded
    from fairlead.apps.guard.service.settings import read

    library = loaded(rules=read(config, os.environ).rules)
    for problem in library.left_out:
        click.echo(f"left out: {problem}", err=True)
    click.echo("no problems" if not library.left_out else f"{len(library.left_out)} rules of others can't be used")


@command.group(cls=Section)
def keys() -> None:
    """Make, list and end the keys that clients ask with; a service that runs learns of it within a second."""


@keys.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["client", "admin"]), default="client", show_default=True,
    help="An admin may train and change versions, too.",
)  # fmt: skip
@click.option("--rate", metavar="RATE", default="", help="What it may ask, such as 600/m. [the configuration's]")
@STORED
def create(name: str, role: Role, rate: str, folder: Path, store: str | None) -> None:
    """Make a key, and show it this once."""
    from fairlead.apps.guard.service import offline

    click.echo(offline.create(_url(store, folder), name, role, rate))
    click.echo(f"this is the key of {name}: it is kept nowhere, and not shown again", err=True)


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@STORED
def list_(as_json: bool, folder: Path, store: str | None) -> None:
    """Show the keys that were made, without their values."""
    from fairlead.apps.guard.service import offline

    found = offline.listed(_url(store, folder))
    if as_json:
        rows = [
            {
                "name": one.name,
                "role": one.role,
                "rate": one.rate,
                "created": one.created,
                "revoked": 0 < one.revoked <= time.time(),
            }
            for one in found
        ]
        click.echo(json.dumps({"keys": rows}, indent=2))
    elif not found:
        click.echo("no keys were made here; `fairlead guard keys create NAME` makes one")
    else:
        columns = (Column("KEY"), Column("STATE"), Column("ROLE"), Column("RATE", 2), Column("MADE", 1))
        lines: list[list[Cell | str]] = [
            [
                one.name,
                _state(one.revoked),
                one.role,
                one.rate or "-",
                f"{span(time.time() - one.created)} ago",
            ]
            for one in found
        ]
        click.echo("\n".join(fit(columns, lines, screen.width()).lines))


@keys.command()
@click.argument("name")
@STORED
def revoke(name: str, folder: Path, store: str | None) -> None:
    """End a key."""
    from fairlead.apps.guard.service import offline

    if not offline.revoke(_url(store, folder), name):
        raise UsageError(f"there is no key {name} that was made here", hint=offline.LISTED)
    click.echo(f"{name} is ended")


@keys.command()
@click.argument("name")
@click.option("--overlap", default="1h", show_default=True, help="How long the old key goes on.")
@STORED
def rotate(name: str, overlap: str, folder: Path, store: str | None) -> None:
    """Make a new key in the place of one, which goes on for a while, and show it this once."""
    from fairlead.apps.guard.service import offline
    from fairlead.kit.quantity import parse_duration

    try:
        overlap_s = parse_duration(overlap)
    except ValueError as error:
        raise UsageError(f"--overlap: {error}") from None
    click.echo(offline.rotate(_url(store, folder), name, overlap_s))
    click.echo(f"this is the new key of {name}: it is kept nowhere, and not shown again", err=True)


def _state(revoked: float) -> Cell:
    """Of a key: one that was followed lives until then."""
    left = revoked - time.time()
    if not revoked:
        return Cell("lives", "green")
    return Cell(f"{span(left)} left", "yellow") if left > 0 else Cell("ended", "bright_black")


def _url(store: str | None, folder: Path) -> str:
    return store or f"sqlite:{folder / 'guard.db'}"
