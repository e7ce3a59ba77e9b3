"""`fairlead plan`: what `up` or `deploy` would change. Asks no daemon and changes nothing."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

import click

from fairlead.cli.invocation import Invocation
from fairlead.cli.shell import Command

COLOURS = {"+": "green", "~": "yellow", "-": "red"}


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there is something to change.")
@click.pass_obj
def command(invocation: Invocation, as_json: bool, exit_code: bool) -> None:
    """Show what `up` or `deploy` would change."""
    from fairlead.engine.plan import plan

    found = plan(invocation.file, invocation.environment, os.environ, invocation.paths.journal)
    if as_json:
        click.echo(
            json.dumps({"changes": [asdict(change) for change in found.changes], "lines": found.lines}, indent=2)
        )
    else:
        for line in found.lines or ["nothing to change: what runs is as the file says"]:
            click.echo(click.style(line, fg=COLOURS.get(line[:1])))
    if exit_code and found.lines:
        click.get_current_context().exit(1)
