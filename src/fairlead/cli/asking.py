"""Asks the daemon what it knows. Starts none: when none answers, that is the answer, with what was left running."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from fairlead.cli.invocation import Invocation
from fairlead.daemon.paths import StatePaths
from fairlead.errors import DaemonUnreachable

SAY_EVERY_S = 2.0

Query = Sequence[tuple[str, object]]


def ask(invocation: Invocation, path: str, query: Query = (), *, method: str = "GET", body: object = None) -> Any:
    """What the daemon answers. Raises `DaemonUnreachable` with what can be found out without it."""
    try:
        with patience():
            return invocation.client.call(method, path, body, query)
    except DaemonUnreachable as error:
        raise absence(invocation.paths, error) from error


def listen(invocation: Invocation, path: str, query: Query = ()) -> Iterator[dict[str, Any]]:
    """What the daemon sends, an object at a time. Raises as `ask` does."""
    try:
        yield from invocation.client.lines(path, query)
    except DaemonUnreachable as error:
        raise absence(invocation.paths, error) from error


@contextmanager
def patience() -> Iterator[None]:
    """Says that it is waited for, every two seconds until the block ends."""
    over = threading.Event()
    colour = click.get_current_context().color

    def tell() -> None:
        seconds = 0.0
        while not over.wait(SAY_EVERY_S):
            seconds += SAY_EVERY_S
            click.echo(f"waiting for the daemon to answer ({seconds:.0f} s)", err=True, color=colour)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def absence(paths: StatePaths, error: DaemonUnreachable) -> DaemonUnreachable:
    """The same error, with what can be found out cheaply."""
    from fairlead.cli.doctor.leftovers import running_instances
    from fairlead.engine.lock import holder

    owner = holder(paths.lock).get("pid")
    if owner:
        what = f"the daemon (process {owner}) runs but does not answer"
        return DaemonUnreachable(what, hint=f"what it does is in {paths.log}")
    left = running_instances(paths)
    if left:
        return DaemonUnreachable(
            f"no daemon runs for this stack; left running: {', '.join(left)}",
            hint="`fairlead daemon start` takes them over; `fairlead down` ends them",
        )
    return error
