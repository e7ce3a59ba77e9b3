"""`fairlead plan`: what `up` or `deploy` would change. Changes nothing.

A daemon, where one runs, is asked for the traffic that a canary's time to a verdict depends on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from fairlead.cli.invocation import Invocation
from fairlead.cli.output.judgement import foretold
from fairlead.cli.shell import Command
from fairlead.errors import DaemonUnreachable

if TYPE_CHECKING:
    from fairlead.engine.plan import ServiceChange

COLOURS = {"+": "green", "~": "yellow", "-": "red"}


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there is something to change.")
@click.pass_obj
def command(invocation: Invocation, as_json: bool, exit_code: bool) -> None:
    """Show what `up` or `deploy` would change.

    For a canary also how long it will take to a verdict, by the present traffic.
    """
    from fairlead.daemon import apps
    from fairlead.engine.plan import plan

    apps.heard()
    found = plan(invocation.file, invocation.environment, os.environ, invocation.paths.journal)
    forecasts = _forecasts(invocation, [change for change in found.changes if change.judged])
    if as_json:
        changes = [asdict(change) for change in found.changes]
        click.echo(json.dumps({"changes": changes, "lines": found.lines, "forecasts": forecasts}, indent=2))
    else:
        told = [f"{service}: {foretold(forecast)}" for service, forecast in forecasts.items()]
        for line in [*found.lines, *told] or ["nothing to change: what runs is as the file says"]:
            click.echo(click.style(line, fg=COLOURS.get(line[:1])))
    if exit_code and found.lines:
        click.get_current_context().exit(1)


def _forecasts(invocation: Invocation, changes: Sequence[ServiceChange]) -> dict[str, Any]:
    """By service; what a daemon that does not run can't know is said to be unknown."""
    if not changes:
        return {}
    try:
        body = {**invocation.stack(), "services": [change.service for change in changes]}
        found: dict[str, Any] = invocation.client.call("POST", "/v1/forecast", body)["forecasts"]
    except DaemonUnreachable:
        return {change.service: {"strategy": change.strategy, "why": "no daemon runs"} for change in changes}
    return found
