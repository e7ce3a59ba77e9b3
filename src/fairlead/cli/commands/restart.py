"""`fairlead restart`: the same versions, begun again."""

from __future__ import annotations

import click

from fairlead.cli.following import operate
from fairlead.cli.invocation import Invocation
from fairlead.cli.shell import Command


@click.command(cls=Command)
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.pass_obj
def command(invocation: Invocation, services: tuple[str, ...]) -> None:
    """Restart services, one instance after the other.

    Each new instance is ready before the one it replaces is drained and stopped. Without a name: all of them.
    """
    named = ", ".join(services) or "every service"
    operate(invocation, "/v1/restart", {"services": services}, what=f"restarting {named}")
    click.echo(f"restarted {named}")
