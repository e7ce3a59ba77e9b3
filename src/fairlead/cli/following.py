"""Runs an operation in the daemon while a person watches, and leaves it there when they stop watching."""

from __future__ import annotations

from typing import Any

import click

from fairlead.cli.failing import INTERRUPTED
from fairlead.cli.invocation import Invocation
from fairlead.cli.output.progress import Progress, progress, waiting
from fairlead.daemon.client import Client
from fairlead.daemon.starting import ensure_daemon


def operate(
    invocation: Invocation, path: str, body: dict[str, Any], *, what: str, detach: bool = False
) -> dict[str, Any]:
    """Start the daemon if need be, run the operation, show what happens; gives its result.

    `what` ends the sentence "the daemon goes on with …" of a Ctrl-C. With `detach`, returns at the first sign that the
    daemon has taken it on.
    """
    with progress() as shown:
        client = ensure_daemon(invocation.paths, waiting(shown))
        return _watch(invocation, client, shown, path, body, what, detach)


def _watch(
    invocation: Invocation, client: Client, shown: Progress, path: str, body: dict[str, Any], what: str, detach: bool
) -> dict[str, Any]:
    try:
        for event in client.events("POST", path, body):
            if event["level"] == "done":
                return event.get("data") or {}
            shown.event(event)
            if detach:
                break
    except KeyboardInterrupt:
        shown.close()
        _left(invocation, what)
        raise click.exceptions.Exit(INTERRUPTED) from None
    shown.close()
    _left(invocation, what)
    raise click.exceptions.Exit(0)


def _left(invocation: Invocation, what: str) -> None:
    click.echo(f"\nthe daemon goes on with {what}", err=True)
    hint = click.style("hint:", fg="cyan", bold=True)
    click.echo(f"{hint} `{invocation.again('status --watch')}` shows how it does", err=True)
