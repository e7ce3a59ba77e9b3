"""`fairlead guard install-hook`: no commit with a secret, from now on, in this repository."""

from __future__ import annotations

import click

from fairlead.cli.shell import Command


@click.command(cls=Command)
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
@click.option("--baseline", metavar="FILE", help="Pass the secrets in this file.")
def command(folder: str, baseline: str | None) -> None:
    """Look through what is staged before each commit, by git's pre-commit hook.

    A hook of another tool is left as it is.
    """
    from fairlead.apps.guard.scanning.hook import install

    path = install(folder, "fairlead", baseline)
    click.echo(f"{path}: written; `git commit --no-verify` goes past it")
