"""`fairlead abort`: a person has decided that the new version has to go."""

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
    """Take the release under way back.

    Of whatever strategy: what was done is undone, the version before serves. Services released together are taken back
    together.
    """
    intervene(invocation, "abort", service, release)
