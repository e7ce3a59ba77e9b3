"""`fairlead plan`: what `up` or `deploy` would change. Changes nothing.

A daemon, where one runs, is asked for the traffic that a canary's time to a verdict depends on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from fairlead.cli.invocation import Invocation
from fairlead.cli.shell import Command
from fairlead.errors import DaemonUnreachable

COLOURS = {"+": "green", "~": "yellow", "-": "red"}


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there is something to change.")
@click.pass_obj
def command(invocation: Invocation, as_json: bool, exit_code: bool) -> None:
    """Show what `up` or `deploy` would change.

    For a canary also how long it will take to a verdict, by the present traffic.
    """
    from fairlead.engine.plan import plan

    found = plan(invocation.file, invocation.environment, os.environ, invocation.paths.journal)
    forecasts = _forecasts(invocation, [change.service for change in found.changes if change.judged])
    if as_json:
        changes = [asdict(change) for change in found.changes]
        click.echo(json.dumps({"changes": changes, "lines": found.lines, "forecasts": forecasts}, indent=2))
    else:
        for line in [*found.lines, *_told(forecasts)] or ["nothing to change: what runs is as the file says"]:
            click.echo(click.style(line, fg=COLOURS.get(line[:1])))
    if exit_code and found.lines:
        click.get_current_context().exit(1)


def _forecasts(invocation: Invocation, services: Sequence[str]) -> dict[str, Any]:
    """By service; what a daemon that does not run can't know is said to be unknown."""
    if not services:
        return {}
    try:
        body = {**invocation.stack(), "services": services}
        found: dict[str, Any] = invocation.client.call("POST", "/v1/forecast", body)["forecasts"]
    except DaemonUnreachable:
        return {
            service: {"text": "time to a verdict unknown: no daemon runs, so there is no traffic"}
            for service in services
        }
    return found


def _told(forecasts: Mapping[str, Any]) -> Iterator[str]:
    for service, forecast in forecasts.items():
        yield f"{service}: {forecast['text']}"
