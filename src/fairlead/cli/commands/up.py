"""`fairlead up`: bring the stack to what its file says."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from fairlead.cli.following import operate
from fairlead.cli.invocation import Invocation, who
from fairlead.cli.shell import Command

Address = Mapping[str, Any]


@click.command(cls=Command)
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option("--profile", "profiles", multiple=True, metavar="PROFILE", help="Also run the services of this profile.")
@click.option("--detach", "-d", is_flag=True, help="Leave it to the daemon as soon as it has begun.")
@click.pass_obj
def command(invocation: Invocation, services: tuple[str, ...], profiles: tuple[str, ...], detach: bool) -> None:
    """Bring the stack up, or apply what changed in its file.

    A second `up` applies the difference: a changed service gets a new version by its release policy, and what is as
    the file says is left alone.
    """
    body = {**invocation.stack(), "services": services, "profiles": profiles, "who": who()}
    done = operate(invocation, "/v1/up", body, what="bringing the stack up", detach=detach)
    for line in closing_lines(invocation, done):
        click.echo(line)


def closing_lines(invocation: Invocation, done: Mapping[str, Any]) -> Iterator[str]:
    """Where everything is, lines to try, and what to do next."""
    yield "the stack is up" if done.get("changed") else "the stack is up: nothing had to change"
    addresses = best(done.get("addresses") or [])
    if addresses:
        yield ""
        yield from _listed(addresses)
        yield ""
        yield from _to_try(addresses)
        service = addresses[-1]["service"]
        yield f"release a new version: change {service}, then `{invocation.again(f'deploy {service}')}`"


def best(addresses: Sequence[Address]) -> list[Address]:
    """Of each service its public addresses; its private one only when it has none."""
    public = {found["service"] for found in addresses if found["exposed"]}
    return [found for found in addresses if found["exposed"] or found["service"] not in public]


def _listed(addresses: Sequence[Address]) -> Iterator[str]:
    widest = max(len(found["service"]) for found in addresses)
    for found in addresses:
        where = "" if found["exposed"] else click.style("  (this machine only)", dim=True)
        yield f"  {click.style(found['service'].ljust(widest), bold=True)}  {found['url']}{where}"


def _to_try(addresses: Sequence[Address]) -> Iterator[str]:
    label = "try it:"
    for found in addresses:
        if found["exposed"] and found["url"].startswith("http"):
            body = f" -d {shlex.quote(found['body'])}" if found.get("body") else ""
            yield f"{label:<22} curl -N {shlex.quote(_example(found))}{body}"
            label = ""


def _example(found: Address) -> str:
    """The address of a request to try: the service's own example, where it gives one."""
    example = found.get("example")
    return f"{found['url'].rstrip('/')}{example}" if example else str(found["url"])
