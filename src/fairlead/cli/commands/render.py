"""`fairlead render`: the stack as files of other tools, written, compared or judged by those tools."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairlead.cli.invocation import Invocation
from fairlead.cli.shell import Command
from fairlead.errors import UsageError

if TYPE_CHECKING:
    from fairlead.render.rendering import Rendered
    from fairlead.render.target import Scene

EVERY = "all"


@click.command(cls=Command)
@click.argument("targets", metavar="TARGET…", nargs=-1)
@click.option("--list", "listing", is_flag=True, help="List the targets.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder. Default: rendered/TARGET beside the stack file.")
@click.option("--check", is_flag=True, help="Let the tools that read such files judge them.")
@click.option("--diff", "against", type=click.Path(path_type=Path), help="Compare with a folder; write nothing.")
@click.pass_obj
def command(
    invocation: Invocation, targets: tuple[str, ...], listing: bool, out: Path | None, check: bool, against: Path | None
) -> None:
    """Write the stack as files of other tools: Compose, Kubernetes, Terraform, and more.

    TARGET is one or more of those that --list shows, or `all`. Files that fairlead did not write are never overwritten.
    """
    if listing:
        _list()
        return
    names = _names(targets)
    if len(names) > 1 and against is not None:
        raise UsageError("--diff compares one target", hint="name one TARGET")
    scene = _scene(invocation)
    bad = False
    for name in names:
        found = _rendered(name, scene)
        if against is not None:
            bad |= _compare(found, against)
            continue
        folder = _folder(invocation, name, out, len(names) > 1)
        _write(found, folder)
        bad |= check and _judge(name, folder)
    if bad:
        click.get_current_context().exit(1)


def _list() -> None:
    from fairlead.render.target import TARGETS

    names = TARGETS.names()
    width = max(map(len, names), default=0)
    for name in names:
        click.echo(f"{name.ljust(width)}  {TARGETS.get(name).summary}")


def _names(targets: Sequence[str]) -> list[str]:
    from fairlead.render.target import TARGETS

    if not targets:
        raise UsageError("which target?", hint="`fairlead render --list` shows them; `all` is every one")
    if EVERY in targets:
        return TARGETS.names()
    for name in targets:
        TARGETS.get(name)
    return list(dict.fromkeys(targets))


def _scene(invocation: Invocation) -> Scene:
    from fairlead.render.scene import scene_of

    return scene_of(invocation.file, invocation.environment, os.environ)


def _rendered(name: str, scene: Scene) -> Rendered:
    from fairlead.render.rendering import rendered

    return rendered(name, scene)


def _folder(invocation: Invocation, name: str, out: Path | None, several: bool) -> Path:
    if out is None:
        return invocation.file.parent / "rendered" / name
    return out / name if several else out


def _write(found: Rendered, folder: Path) -> None:
    from fairlead.render.writing import write

    folder.mkdir(parents=True, exist_ok=True)
    done = write(found.files, folder)
    counts = {"new": done.added, "changed": done.changed, "removed": done.removed, "as they were": done.same}
    told = ", ".join(f"{len(names)} {what}" for what, names in counts.items() if names) or "nothing to write"
    click.echo(f"{found.target}: {told} in {folder}")
    for why, keys in _by_reason(found).items():
        click.echo(f"note: {found.target} leaves out {', '.join(keys)}: {why}")


def _by_reason(found: Rendered) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for left in found.unsupported:
        reasons.setdefault(left.why, []).append(left.pattern)
    return reasons


def _compare(found: Rendered, folder: Path) -> bool:
    """Whether they differ."""
    from fairlead.render.writing import differences

    lines = list(differences(found.files, folder))
    click.echo("".join(lines), nl=False)
    return bool(lines)


def _judge(name: str, folder: Path) -> bool:
    """Whether any tool complains."""
    from fairlead.render.checker import judged
    from fairlead.render.target import TARGETS

    bad = False
    for verdict in judged(TARGETS.get(name).checkers, folder):
        if verdict.skipped:
            click.echo(click.style(f"skipped: {verdict.checker}: {verdict.skipped}", fg="yellow"))
            continue
        for finding in verdict.findings:
            click.echo(f"{verdict.checker}: {finding}")
        bad |= bool(verdict.findings)
        told = f"{len(verdict.findings)} findings" if verdict.findings else "no findings"
        click.echo(
            click.style(f"{verdict.checker} {verdict.version}: {told}", fg="red" if verdict.findings else "green")
        )
    return bad
