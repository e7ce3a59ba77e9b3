"""`fairlead version`."""

from __future__ import annotations

import click

from fairlead import __version__
from fairlead.cli.shell import Command


@click.command(cls=Command)
def command() -> None:
    """Print the version."""
    click.echo(f"fairlead {__version__}")
