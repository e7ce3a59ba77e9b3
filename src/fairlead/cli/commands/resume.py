"""`fairlead resume`: the end of a pause."""

from __future__ import annotations

import click

from fairlead.cli.intervening import intervene, of_release
from fairlead.cli.invocation import Invocation
from fairlead.cli.shell import Command


@click.command(cls=Command)
@click.argument("service")
@of_release
@click.pass_obj
def command(invocation: Invocation, service: str, release: str | None) -> None:
    """Let a paused release go on.

    What was seen during the pause counts.
    """
    intervene(invocation, "resume", service, release)
