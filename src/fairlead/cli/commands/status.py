"""`fairlead status`: how everything is doing, once or until Ctrl-C."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from fairlead.cli.absence import absence
from fairlead.cli.invocation import Invocation
from fairlead.cli.output import screen
from fairlead.cli.output.status import status_lines
from fairlead.cli.shell import Command
from fairlead.errors import DaemonUnreachable

EVERY_S = 1.0


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
        status = _status(invocation)
        if as_json:
            click.echo(json.dumps(status, indent=None if watch else 2))
        else:
            _draw(status, again=watch)
        if not watch:
            return
        time.sleep(EVERY_S)


def _status(invocation: Invocation) -> dict[str, Any]:
    try:
        found: dict[str, Any] = invocation.client.call("GET", "/v1/status")
    except DaemonUnreachable as error:
        raise absence(invocation.paths, error) from error
    return found


def _draw(status: dict[str, Any], *, again: bool) -> None:
    if again:
        click.clear()
    for line in status_lines(status, now=time.time(), width=screen.width()):
        click.echo(line)
