"""`fairlead exec`: a command in the surroundings of a service. It takes the place of this process, terminal and all."""

from __future__ import annotations

import os
import sys

import click

from fairlead.cli.asking import ask
from fairlead.cli.invocation import Invocation
from fairlead.cli.shell import Command
from fairlead.errors import MissingError

TERMINAL = (
    "TERM",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "LANG",
    "LC_ALL",
    "HOME",
    "USER",
    "SHELL",
    "PATH",
    "TZ",
    "NO_COLOR",
)
"""Variables of the person's own that a command on a terminal needs; those of the service win."""


@click.command(cls=Command, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("service")
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="[--] COMMAND...")
@click.pass_obj
def command(invocation: Invocation, service: str, words: tuple[str, ...]) -> None:
    """Run a command in the surroundings of a service.

    Its environment (addresses, ports, secrets), its directory, your terminal: `fairlead exec notes -- sh`.
    """
    place = ask(invocation, "/v1/exec", [("service", service)])
    environment = {name: os.environ[name] for name in TERMINAL if name in os.environ} | place["environment"]
    prefix = place.get("terminal_prefix" if sys.stdin.isatty() else "argv_prefix") or place["argv_prefix"]
    become([*prefix, *(words[1:] if words[0] == "--" else words)], place["cwd"], environment, service)


def become(argv: list[str], folder: str, environment: dict[str, str], service: str) -> None:
    """Replace this process. Raises `MissingError` when the program is not there."""
    sys.stdout.flush()
    os.chdir(folder)
    try:
        os.execvpe(argv[0], argv, environment)  # noqa: S606 - running what the person typed is the point
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise MissingError(
            f"{argv[0]}: {(error.strerror or 'not found').lower()}",
            hint=f"looked in the directory and the PATH of {service}: {environment.get('PATH', '')}",
        ) from error
