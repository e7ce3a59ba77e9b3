"""`fairlead check`: everything that is wrong with the stack file, at once."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairlead.cli.invocation import Invocation
from fairlead.cli.shell import Command
from fairlead.errors import Problem, StackError

if TYPE_CHECKING:
    from fairlead.stack.load import Reading
    from fairlead.stack.model import Stack


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(invocation: Invocation, as_json: bool) -> None:
    """Check the stack file and all of its environments.

    With --env, only that one. What holds on one machine only in part is told as a note.
    """
    found = _read(invocation)
    if as_json:
        told = {
            "ok": not found.problems,
            "problems": list(map(asdict, found.problems)),
            "notes": list(map(asdict, found.notes)),
        }
        click.echo(json.dumps(told, indent=2))
        click.get_current_context().exit(StackError.exit_code if found.problems else 0)
    for note in found.notes:
        click.echo(f"note: {note}" + (f" ({note.hint})" if note.hint else ""))
    if found.problems:
        raise StackError(found.problems)
    click.echo(f"{invocation.file.name}: no problems")


def _read(invocation: Invocation) -> Reading:
    from fairlead.daemon import apps
    from fairlead.stack.load import check_all, read

    apps.heard()
    if invocation.environment:
        found = read(invocation.file, environment=invocation.environment, environ=os.environ)
    else:
        found = check_all(invocation.file, os.environ)
    return found if found.stack is None else found._replace(problems=_in_images(found.stack, invocation.file.parent))


def _in_images(stack: Stack, folder: Path) -> tuple[Problem, ...]:
    """Secrets in what would become images."""
    from fairlead.daemon import guarding
    from fairlead.engine.images import context
    from fairlead.stack.containers import contained

    return tuple(
        problem
        for name, service in stack.services.items()
        if not service.uses and not service.image and contained(service, stack)
        for problem in guarding.problems_of(context.of(name, service, stack, folder))
    )
