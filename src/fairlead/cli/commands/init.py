"""`fairlead init`: a stack file to begin with, for what is in this folder."""

from __future__ import annotations

from pathlib import Path

import click

from fairlead.cli.invocation import NAMES, Invocation
from fairlead.cli.shell import Command
from fairlead.errors import UsageError


@click.command(cls=Command)
@click.pass_obj
def command(invocation: Invocation) -> None:
    """Write a stack file for what is in this folder.

    Knows Python (FastAPI, Starlette, Flask, or a plain program), Node and the command of a Dockerfile. An existing
    file is never changed.
    """
    from fairlead.cli.starter.guess import guess
    from fairlead.cli.starter.write import stack_text

    file = invocation.given or Path(NAMES[0])
    folder = file.absolute().parent
    found = guess(folder)
    text = stack_text(folder.name, found)
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file}: exists already", hint="`fairlead check` says whether it is right") from error
    click.echo(f"wrote {file}, for {found.what}")
    click.echo(f"next: look at it, then `{invocation.again('up')}`")
