"""`fairlead status`: how everything is doing, once or until Ctrl-C."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import click

from fairlead.cli.asking import ask
from fairlead.cli.invocation import Invocation
from fairlead.cli.output import screen
from fairlead.cli.output.status import status_lines
from fairlead.cli.shell import Command

EVERY_S = 1.0
BEGIN_AGAIN = "\x1b[H\x1b[2J"
"""Go to the corner and clear the screen (ECMA-48), in one write with what comes next, so that nothing flickers."""


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON (one object a line with --watch).")
@click.option("--watch", "-w", is_flag=True, help="Show it again every second, until Ctrl-C.")
@click.pass_obj
def command(invocation: Invocation, as_json: bool, watch: bool) -> None:
    """Show how every service is doing.

    Versions, their share of the requests, how many instances are ready, requests, errors, the 95th percentile of
    latency, restarts and memory; below it stores, and what is wrong with the last lines that it wrote.
    """
    while True:
        status = ask(invocation, "/v1/status")
        if as_json:
            click.echo(json.dumps(status, indent=None if watch else 2))
        else:
            _draw(status, again=watch)
        if not watch:
            return
        time.sleep(EVERY_S)


def _draw(status: dict[str, Any], *, again: bool) -> None:
    lines = status_lines(status, now=time.time(), width=screen.width())
    above = BEGIN_AGAIN if again and sys.stdout.isatty() else ""
    click.echo(above + "\n".join(lines))
