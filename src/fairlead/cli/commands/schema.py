"""`fairlead schema`: what an editor needs to complete and check a stack file."""

from __future__ import annotations

import json

import click

from fairlead.cli.shell import Command


@click.command(cls=Command)
def command() -> None:
    """Print the JSON Schema of the stack file.

    `fairlead schema > fairlead.schema.json`, then `# yaml-language-server: $schema=fairlead.schema.json` as the first
    line of the stack file.
    """
    from fairlead.stack.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
