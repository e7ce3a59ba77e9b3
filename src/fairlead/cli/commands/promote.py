"""`fairlead promote`: a person has decided that the new version is good."""

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
    """Give a version under judgement all requests now.

    Whatever the evidence: it is watched with all requests, and then the release is done. Services released together are
    promoted together.
    """
    intervene(invocation, "promote", service, release)
