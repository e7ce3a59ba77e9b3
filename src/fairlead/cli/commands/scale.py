"""`fairlead scale`: how many instances there are."""

from __future__ import annotations

import click

from fairlead.cli.following import operate
from fairlead.cli.invocation import Invocation
from fairlead.cli.shell import Command
from fairlead.errors import UsageError


@click.command(cls=Command)
@click.argument("counts", nargs=-1, required=True, metavar="SERVICE=N...")
@click.pass_obj
def command(invocation: Invocation, counts: tuple[str, ...]) -> None:
    """Set how many instances a service has.

    It holds until the next `up` that finds another number in the file.
    """
    for service, count in [pair(text) for text in counts]:
        operate(invocation, "/v1/scale", {"service": service, "count": count}, what=f"scaling {service} to {count}")
        click.echo(f"{service} has {count} {'instance' if count == 1 else 'instances'}")


def pair(text: str) -> tuple[str, int]:
    """A service and a count in `hub=3`. Raises `UsageError`."""
    service, equals, count = text.partition("=")
    if not service or not equals or not count.isdecimal():
        raise UsageError(f"{text}: expected SERVICE=N", hint="for example `fairlead scale hub=3`")
    return service, int(count)
