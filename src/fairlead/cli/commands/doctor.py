"""`fairlead doctor`: what is missing here, and how to get it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click

from fairlead.cli.doctor.finding import Finding, missing, warning
from fairlead.cli.invocation import Invocation
from fairlead.cli.shell import Command
from fairlead.errors import LockHeld, MissingError, StackError, UsageError

MARKS = {"ok": ("ok", "green"), "missing": ("missing", "red"), "warning": ("warning", "yellow")}


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--repair", is_flag=True, help="Put the last whole copy of a damaged journal in its place.")
@click.pass_obj
def command(invocation: Invocation, as_json: bool, repair: bool) -> None:
    """Tell what is missing on this machine, and how to get it.

    Looks at the machine, at what the stack file here asks of it, and at the stack's state. Exit code 4 when something
    that is needed is missing.
    """
    if repair:
        _repair(invocation)
    found = list(findings(invocation))
    click.echo(
        json.dumps({"findings": [asdict(one) for one in found]}, indent=2) if as_json else "\n".join(_told(found))
    )
    if any(one.state == "missing" for one in found):
        click.get_current_context().exit(MissingError.exit_code)


def findings(invocation: Invocation) -> Iterator[Finding]:
    """What every stack needs, then what this one needs."""
    from fairlead.cli.doctor import machine, state

    yield from machine.findings()
    try:
        paths = invocation.paths
    except UsageError as error:
        yield warning("stack file", error.message, error.hint)
        return
    yield from state.findings(paths)
    yield from _of_stack(invocation)


def _of_stack(invocation: Invocation) -> Iterator[Finding]:
    from fairlead.cli.doctor import stack
    from fairlead.cli.doctor.leftovers import running_instances
    from fairlead.daemon import apps
    from fairlead.stack.load import load

    apps.heard()
    try:
        declared = load(invocation.file, environment=invocation.environment, environ=os.environ)
    except StackError as error:
        count = len(error.problems)
        what = f"{count} {'problem' if count == 1 else 'problems'}, such as {error.problems[0]}"
        yield missing("stack file", what, "`fairlead check` shows all of them")
        return
    ours = invocation.client.alive() or bool(running_instances(invocation.paths))
    yield from stack.findings(declared, invocation.file.parent, running=ours)


def _told(found: Sequence[Finding]) -> Iterator[str]:
    widest = max(len(one.name) for one in found)
    for one in found:
        word, colour = MARKS[one.state]
        yield f"{click.style(f'{word:<8}', fg=colour)} {one.name:<{widest}}  {one.text}"
        if one.hint:
            yield f"{'':<8} {'':<{widest}}  {click.style('hint:', fg='cyan')} {one.hint}"


def _repair(invocation: Invocation) -> None:
    from fairlead.cli.doctor.state import journal
    from fairlead.engine.journal import database
    from fairlead.engine.lock import holder

    paths = invocation.paths
    if holder(paths.lock):
        raise LockHeld("the daemon uses the journal", hint="end it with `fairlead daemon stop`; services go on running")
    if journal(paths.journal).state == "ok":
        click.echo("the journal is whole: nothing to repair", err=True)
        return
    aside = database.repair(paths.journal)
    click.echo(f"the journal is its last whole copy again; the damaged one is {aside}", err=True)
