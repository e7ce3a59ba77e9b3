"""`fairlead down`: stop services, or all of the stack."""

from __future__ import annotations

import sys

import click

from fairlead.cli.following import operate
from fairlead.cli.invocation import Invocation
from fairlead.cli.output.progress import progress, waiting
from fairlead.cli.shell import Command
from fairlead.daemon.starting import await_end
from fairlead.errors import UsageError


@click.command(cls=Command)
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option("--data", is_flag=True, help="Delete volumes and the data of stores too.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.pass_obj
def command(invocation: Invocation, services: tuple[str, ...], data: bool, yes: bool) -> None:
    """Stop services, or the whole stack.

    Requests under way are let finish first. Data is kept, unless --data says otherwise.
    """
    if not invocation.paths.journal.exists() and not invocation.client.alive():
        click.echo("nothing runs: this stack has not been up")
        return
    if data and not yes:
        _ask(services)
    body = {"services": services, "data": data}
    done = operate(invocation, "/v1/down", body, what="stopping")
    if done.get("ended"):
        _await_end(invocation)
    click.echo(f"{', '.join(services) or 'the stack'} {'are' if len(services) > 1 else 'is'} down")


def _ask(services: tuple[str, ...]) -> None:
    whose = ", ".join(services) if services else "every service and store of this stack"
    if not sys.stdin.isatty():
        raise UsageError(
            f"--data deletes the data of {whose}, and nobody is here to confirm it", hint="add --yes to mean it"
        )
    click.confirm(f"delete the data of {whose}? It can't be undone", abort=True)


def _await_end(invocation: Invocation) -> None:
    """The daemon ends after its answer; an `up` right after this must not find it leaving."""
    with progress() as shown:
        await_end(invocation.paths, waiting(shown))
