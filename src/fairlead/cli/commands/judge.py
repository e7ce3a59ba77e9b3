"""`fairlead judge --replay`: a verdict once more, from what was kept of it. Asks no daemon and changes nothing."""

from __future__ import annotations

import json

import click

from fairlead.cli.invocation import Invocation
from fairlead.cli.output import screen
from fairlead.cli.output.replay import replay_lines
from fairlead.cli.shell import Command
from fairlead.errors import UsageError


@click.command(cls=Command)
@click.option("--replay", "release", metavar="RELEASE", required=True, help="The release (r12).")
@click.option("--margin", "margins", multiple=True, metavar="NAME=RATIO", help="Judge an indicator by another margin.")
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
@click.pass_obj
def command(invocation: Invocation, release: str, margins: tuple[str, ...], as_json: bool) -> None:
    """Judge a release again from what was seen of it.

    The same observations lead to the same verdict; another margin shows what it would have changed. Works without a
    daemon, and exits with 0 whatever the verdict.
    """
    from fairlead.daemon.replaying import replayed

    found = replayed(invocation.paths.journal, release, dict(margin(text) for text in margins))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for line in replay_lines(found, width=screen.width()):
        click.echo(line)


def margin(text: str) -> tuple[str, float]:
    """An indicator and its margin in `errors=1.5`. Raises `UsageError`."""
    name, _, ratio = text.partition("=")
    try:
        return name, float(ratio)
    except ValueError:
        raise UsageError(f"--margin {text}: expected NAME=RATIO", hint="for example `--margin errors=1.5`") from None
