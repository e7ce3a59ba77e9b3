"""`fairlead deploy`: a new version of one service."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from fairlead.cli.following import operate
from fairlead.cli.invocation import Invocation, who
from fairlead.cli.output.judgement import foretold
from fairlead.cli.output.releases import sentence
from fairlead.cli.shell import Command
from fairlead.errors import UsageError


class _Deploy(Command):
    """Lists the strategies that there are, those of installed packages included, where its help is asked for."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from fairlead.release.strategies import STRATEGIES

        ways_in = [name for name in STRATEGIES.names() if name != "rollback"]
        with formatter.section("Strategies"):
            formatter.write_dl([(name, _sentence(STRATEGIES.get(name))) for name in ways_in])


def _sentence(strategy: object) -> str:
    """What the file of a strategy says of it in its first line."""
    first = (sys.modules[strategy.__module__].__doc__ or "").partition("\n")[0]
    return first.partition(": ")[2] or first


@click.command(cls=_Deploy)
@click.argument("service")
@click.option("--version", metavar="NAME", help="Name of the new version. Default: the next number.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change a key for this version.")
@click.option("--strategy", metavar="NAME", help="How it gets in; see below. Default: what the file says.")
@click.option("--dry-run", is_flag=True, help="Only tell the steps.")
@click.option("--detach", "-d", is_flag=True, help="Leave it to the daemon as soon as it has begun.")
@click.pass_obj
def command(
    invocation: Invocation,
    service: str,
    version: str | None,
    settings: tuple[str, ...],
    strategy: str | None,
    dry_run: bool,
    detach: bool,
) -> None:
    """Release a new version of a service.

    What is in the file and in the service's directory now becomes a version: it is started, has to become healthy, gets
    the requests step by step, and is taken back when it fails. A canary shows what speaks for and against it while it
    lasts; Ctrl-C leaves it to the daemon.
    """
    changes = dict(setting(text) for text in settings)
    body = {**invocation.stack(), "who": who(), "service": service, "version": version, "set": changes}
    body |= {"strategy": strategy, "dry_run": dry_run}
    done = operate(invocation, "/v1/deploy", body, what=f"the release of {service}", detach=detach)
    for line in dry_lines(done) if dry_run else closing_lines(invocation, done, f"rollback {service}"):
        click.echo(line)


def setting(text: str) -> tuple[str, str]:
    """A key and its value in `environment.MODEL=small`. Raises `UsageError`."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise UsageError(f"--set {text}: expected KEY=VALUE", hint="for example `--set environment.MODEL=small`")
    return key, value


def dry_lines(done: Mapping[str, Any]) -> Iterator[str]:
    """What would change, and the steps in order."""
    yield from done.get("changes") or ["nothing changed"]
    yield from (f"{number:>3}. {step}" for number, step in enumerate(done.get("steps") or [], 1))
    if done.get("forecast"):
        yield foretold(done["forecast"])


def closing_lines(invocation: Invocation, release: Mapping[str, Any], back: str) -> Iterator[str]:
    """How it ended, and the way back. A release that was taken back has come as an error before this."""
    if release.get("unchanged") or release.get("state") != "succeeded":
        return
    yield sentence(release)
    if release.get("from"):
        yield f"to go back: `{invocation.again(back)}`"
