"""A word to a release under way: asks the daemon, and says what it has made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from fairlead.cli.asking import ask
from fairlead.cli.invocation import Invocation, who

F = TypeVar("F", bound=Callable[..., object])


def of_release(command: F) -> F:
    """The option that names a release."""
    words = "Only if it is this one (r12) that is under way."
    return click.option("--release", metavar="RELEASE", help=words)(command)


def intervene(invocation: Invocation, word: str, service: str, release: str | None) -> None:
    """Say the word to the release of a service that is under way."""
    body = {"service": service, "release": release, "who": who()}
    click.echo(ask(invocation, f"/v1/{word}", method="POST", body=body)["text"])
