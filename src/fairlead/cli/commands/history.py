"""`fairlead history`: who released what, when, from what, with what outcome."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import click

from fairlead.cli.asking import ask
from fairlead.cli.invocation import Invocation
from fairlead.cli.output import screen
from fairlead.cli.output.releases import history_lines, whole
from fairlead.cli.shell import Command


@click.command(cls=Command)
@click.argument("service", required=False, metavar="[SERVICE|RELEASE]")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many releases.")
@click.option("--json", "as_json", is_flag=True, help="Everything, with every step, as JSON.")
@click.pass_obj
def command(invocation: Invocation, service: str | None, limit: int, as_json: bool) -> None:
    """Tell who released what, when, and how it ended.

    Of one release (r12) every step, and the numbers that its verdict rests on.
    """
    if service and re.fullmatch(r"r[0-9]+", service):
        _one(ask(invocation, "/v1/release", [("id", service)]), as_json=as_json)
        return
    asked: list[tuple[str, object]] = [("limit", limit), *([("service", service)] if service else [])]
    found = ask(invocation, "/v1/history", asked)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    elif not found["releases"]:
        click.echo("no releases yet")
    else:
        for line in history_lines(found["releases"], now=time.time(), width=screen.width()):
            click.echo(line)


def _one(release: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(release, indent=2))
    else:
        for line in whole(release, now=time.time(), width=screen.width()):
            click.echo(line)
