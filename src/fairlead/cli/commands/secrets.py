"""`fairlead secrets`: values in an encrypted file beside the stack file, never an argument and never shown."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairlead.cli.invocation import Invocation
from fairlead.cli.output import screen
from fairlead.cli.output.table import Cell, Column, fit
from fairlead.cli.output.words import span
from fairlead.cli.shell import Section
from fairlead.errors import StackError, UsageError

if TYPE_CHECKING:
    from fairlead.engine.secrets import Changes, Draft, Row
    from fairlead.stack.model import Stack

COLUMNS = (Column("SECRET"), Column("VALUE"), Column("FROM"), Column("CHANGED", 1), Column("WHAT FOR", 2))


@click.group(cls=Section)
def command() -> None:
    """Keep secrets in an encrypted file."""


@command.command("set")
@click.argument("name")
@click.pass_obj
def set_(invocation: Invocation, name: str) -> None:
    """Give a secret its value, asked for without echo, or read from standard input."""
    from fairlead.engine.secrets import set_secret

    key = _key(invocation, name)
    set_secret(_file(invocation), key, _value(name), environ=os.environ, now=time.time())
    click.echo(f"{name} is set; `{invocation.again('restart')}` gives it to services that run")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def list_(invocation: Invocation, as_json: bool) -> None:
    """Show every secret, where it comes from, and whether it has a value."""
    from fairlead.engine.secrets import list_secrets

    rows = list_secrets(_stack(invocation), base=invocation.file.parent, environ=os.environ)
    if as_json:
        click.echo(json.dumps({"secrets": [asdict(row) for row in rows]}, indent=2))
    elif not rows:
        click.echo("the stack has no secrets")
    else:
        click.echo("\n".join(table(rows, now=time.time(), width=screen.width())))


@command.command()
@click.pass_obj
def edit(invocation: Invocation) -> None:
    """Open all of them in your editor ($VISUAL, $EDITOR); saved when it ends."""
    from fairlead.engine.secrets import edit as opened

    with opened(_file(invocation), environ=os.environ) as draft:
        changes = _edited(draft)
    told = [f"{what} {', '.join(names)}" for what, names in asdict(changes).items() if names]
    click.echo("; ".join(told) or "nothing changed")


@command.command()
@click.argument("name")
@click.pass_obj
def remove(invocation: Invocation, name: str) -> None:
    """Take a secret out of the encrypted file."""
    from fairlead.engine.secrets import remove_secret

    remove_secret(_file(invocation), _key(invocation, name), environ=os.environ, now=time.time())
    click.echo(f"{name} is removed")


@command.command()
@click.pass_obj
def rotate(invocation: Invocation) -> None:
    """Make a new key, and encrypt everything to it instead of the old one."""
    from fairlead.engine.secrets import rotate_key

    done = rotate_key(_file(invocation), environ=os.environ)
    click.echo(f"{done.entries} {'secret is' if done.entries == 1 else 'secrets are'} encrypted to {done.recipient}")
    click.echo(f"the new key is in {done.key_file}; the old one stays there, for older commits")


def table(rows: Sequence[Row], *, now: float, width: int | None) -> list[str]:
    """What a person is told of secrets; never a value."""
    lines: list[list[Cell | str]] = [
        [
            row.name,
            Cell("set", "green") if row.present else Cell("missing", "red"),
            row.source,
            _age(row, now),
            " ".join(filter(None, (row.description, f"({row.problem})" if row.problem else ""))),
        ]
        for row in rows
    ]
    return fit(COLUMNS, lines, width).lines


def _age(row: Row, now: float) -> Cell:
    if row.changed is None:
        return Cell("-")
    late = row.rotate_due is not None and row.rotate_due < now
    return Cell(f"{span(now - row.changed)} ago{', rotate it' if late else ''}", "yellow" if late else None)


def _file(invocation: Invocation) -> Path:
    from fairlead.engine.secrets import FILE

    return invocation.file.parent / FILE


def _stack(invocation: Invocation) -> Stack:
    from fairlead.stack.load import load

    return load(invocation.file, environment=invocation.environment, environ=os.environ)


def _key(invocation: Invocation, name: str) -> str:
    """The secret's name inside the file. A stack file with problems of its own does not stand in the way."""
    try:
        declared = _stack(invocation).secrets.get(name)
    except StackError:
        return name
    if declared is None:
        click.echo(
            f"note: the stack does not use {name} yet: declare it under `secrets` with `encrypted: true`", err=True
        )
        return name
    if not declared.encrypted:
        raise UsageError(
            f"secret {name} does not come from the encrypted file", hint="`fairlead secrets list` says where from"
        )
    return declared.key or name


def _value(name: str) -> str:
    if sys.stdin.isatty():
        value: str = click.prompt(f"value of {name}", hide_input=True, confirmation_prompt="again", err=True)
        return value
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")


def _edited(draft: Draft) -> Changes:
    """Let the editor run again for as long as its text can't be read and the person wants to mend it."""
    while True:
        click.edit(filename=str(draft.file))
        try:
            return draft.save(now=time.time())
        except UsageError as error:
            click.echo(f"error: {error.message}", err=True)
            if not click.confirm("edit it again?", default=True, err=True):
                raise
