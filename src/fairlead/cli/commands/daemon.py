"""`fairlead daemon`: the process that owns the stack. `up` starts it by itself; these are for looking after it."""

from __future__ import annotations

import time

import click

from fairlead.cli.asking import ask
from fairlead.cli.invocation import Invocation
from fairlead.cli.output.progress import progress, waiting
from fairlead.cli.output.words import size, span
from fairlead.cli.shell import Section

_LISTEN = click.option("--listen", metavar="HOST:PORT", help="Offer the API over TCP too, with a token.")


@click.group(cls=Section)
def command() -> None:
    """Start, stop and look at the daemon."""


@command.command()
@_LISTEN
@click.pass_obj
def start(invocation: Invocation, listen: str | None) -> None:
    """Start it in the background; what ran before is taken over."""
    from fairlead.daemon.starting import ensure_daemon

    if invocation.client.alive():
        click.echo("the daemon runs already")
        return
    with progress() as shown:
        ensure_daemon(invocation.paths, waiting(shown), listen=listen)
    click.echo("the daemon runs")


@command.command()
@click.pass_obj
def stop(invocation: Invocation) -> None:
    """End it. Services go on running, and the next daemon takes them over."""
    from fairlead.daemon.starting import await_end

    ask(invocation, "/v1/shutdown", method="POST")
    with progress() as shown:
        await_end(invocation.paths, waiting(shown))
    click.echo("the daemon has ended; services go on running")


@command.command()
@_LISTEN
@click.pass_obj
def run(invocation: Invocation, listen: str | None) -> None:
    """Run it in the foreground (for systemd, a container, or a look at what it says)."""
    from fairlead.daemon.main import serve

    serve(invocation.file, listen)


@command.command()
@click.pass_obj
def status(invocation: Invocation) -> None:
    """Tell whether it runs."""
    daemon = ask(invocation, "/v1/status")["daemon"]
    up = span(time.time() - daemon["since"])
    click.echo(f"process {daemon['pid']}, version {daemon['version']}, for {up}, {size(daemon['memory_bytes'])}")
    click.echo(f"socket {invocation.paths.socket}")


@command.command()
@click.option("--tail", type=click.IntRange(min=1), default=50, show_default=True, help="Last lines.")
@click.pass_obj
def log(invocation: Invocation, tail: int) -> None:
    """Show what it wrote."""
    path = invocation.paths.log
    if not path.exists():
        click.echo("the daemon has written nothing yet")
        return
    for line in path.read_text(errors="replace").splitlines()[-tail:]:
        click.echo(line)
