"""`fairlead logs`: what services write, put together by time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

import click

from fairlead.cli.asking import listen
from fairlead.cli.invocation import Invocation
from fairlead.cli.output.logs import LogLines
from fairlead.cli.shell import Command
from fairlead.errors import UsageError
from fairlead.kit.quantity import parse_duration

LAST = 100


@click.command(cls=Command)
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--since", metavar="DURATION", help="Only what is younger, for example 10m.")
@click.option("--tail", type=click.IntRange(min=0), help=f"Last lines. Default: {LAST}; all with --since.")
@click.option("--times", "-t", is_flag=True, help="Show when each line was written.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def command(
    invocation: Invocation,
    services: tuple[str, ...],
    follow: bool,
    since: str | None,
    tail: int | None,
    times: bool,
    as_json: bool,
) -> None:
    """Show what services write.

    Lines of all instances, put together by time; in front of each the service, its version and the number of the
    instance.
    """
    shown = LogLines(times=times)
    for record in _records(invocation, query(services, follow=follow, since=since, tail=tail, now=time.time())):
        click.echo(json.dumps(record) if as_json else shown.line(record))


def query(
    services: tuple[str, ...], *, follow: bool, since: str | None, tail: int | None, now: float
) -> list[tuple[str, object]]:
    """What is asked of the daemon. Raises `UsageError`."""
    asked: list[tuple[str, object]] = [("service", service) for service in services]
    if since is not None:
        asked.append(("since", f"{now - _seconds(since):.3f}"))
    if tail is not None or since is None:
        asked.append(("tail", LAST if tail is None else tail))
    return [*asked, ("follow", 1)] if follow else asked


def _records(invocation: Invocation, asked: list[tuple[str, object]]) -> Iterable[dict[str, Any]]:
    lines = listen(invocation, "/v1/logs", asked)
    return lines if ("follow", 1) in asked else sorted(lines, key=lambda record: float(record["at"]))


def _seconds(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--since {text}: {error}") from error
