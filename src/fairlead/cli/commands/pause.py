"""`fairlead pause`: nothing more for the new version, for now."""

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
    """Hold a release under judgement at its share.

    It is judged all the while and taken back when it is bad, but neither gets more requests nor is promoted until
    `fairlead resume`. It stays paused when the daemon is started again.
    """
    intervene(invocation, "pause", service, release)
