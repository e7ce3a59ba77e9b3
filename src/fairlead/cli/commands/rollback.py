"""`fairlead rollback`: an earlier version of one service."""

from __future__ import annotations

import click

from fairlead.cli.commands.deploy import closing_lines
from fairlead.cli.following import operate
from fairlead.cli.invocation import Invocation, who
from fairlead.cli.shell import Command


@click.command(cls=Command)
@click.argument("service")
@click.option("--to", metavar="RELEASE|VERSION", help="A release (r12) or a version (v3). Default: the version before.")
@click.pass_obj
def command(invocation: Invocation, service: str, to: str | None) -> None:
    """Go back to an earlier version of a service.

    While the version before is kept warm this is one change in the router; later it is started again first.
    """
    body = {"service": service, "to": to, "who": who()}
    done = operate(invocation, "/v1/rollback", body, what=f"taking {service} back")
    for line in closing_lines(invocation, done, f"rollback {service}"):
        click.echo(line)
