"""`fairlead guard scan`: looks for secrets in files, archives, standard input, and what a repository holds."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairlead.cli.output import screen
from fairlead.cli.shell import Command
from fairlead.errors import NotScanned, UsageError

if TYPE_CHECKING:
    from fairlead.apps.guard.scanning.scan import Asked, Report

FOUND = 1
"""The exit code when there are secrets."""
ALL_COMMITS = ""
EVERY_S = 0.2
"""Between two lines of progress."""


@click.command(cls=Command)
@click.argument("paths", metavar="[PATH…|-]", nargs=-1, type=click.Path(path_type=str))
@click.option(
    "--git", "commits", metavar="[RANGE]", is_flag=False, flag_value=ALL_COMMITS, help="All commits, or those in RANGE."
)
@click.option("--staged", is_flag=True, help="What is staged for the next commit, and not in the last one.")
@click.option("--all", "everything", is_flag=True, help="Also what git ignores, and git's own files.")
@click.option(
    "--archives/--no-archives", default=True, show_default=True, help="Look into zip, tar, gzip, bzip2 and xz."
)
@click.option("--baseline", type=click.Path(path_type=Path), help="Do not tell of the secrets in this file.")
@click.option("--write-baseline", type=click.Path(path_type=Path), help="Write all that is found to a baseline.")
@click.option(
    "--rules", type=click.Path(path_type=Path, exists=True), multiple=True, help="More rules, in gitleaks' form."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif", "github"]), default="text", show_default=True,
    help="Of the report.",
)  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), help="Write the report there. [standard output]")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes. [one for each processor]")
def command(
    paths: tuple[str, ...], commits: str | None, staged: bool, everything: bool, archives: bool,
    baseline: Path | None, write_baseline: Path | None, rules: tuple[Path, ...], form: str, output: Path | None,
    workers: int | None,
) -> None:  # fmt: skip
    """Look for secrets in files, archives, standard input (`-`) and git repositories.

    In a repository it looks through what git tracks and does not ignore. Exits with 0 when it found nothing, 1 when it
    found secrets, 11 when it found none but could not look through everything. Never shows a value.
    """
    from fairlead.apps.guard.scanning import baseline as baselines
    from fairlead.apps.guard.scanning.limits import Limits
    from fairlead.apps.guard.scanning.reports import FORMS
    from fairlead.apps.guard.scanning.reports.words import amount
    from fairlead.apps.guard.scanning.scan import Asked, scan
    from fairlead.apps.guard.scanning.worker import Setting

    history = commits is not None
    if commits and os.path.isdir(commits):  # noqa: PTH112 - `--git FOLDER`, as other scanners have it
        paths, commits = (*paths, commits), None
    asked = Asked(
        paths or (".",), history, commits or None, staged, everything, baseline if write_baseline is None else None,
        workers, Setting(tuple(path.absolute() for path in rules), Limits(archives=archives)),
    )  # fmt: skip
    _check(asked)
    shown = Shown()
    report = scan(asked, datetime.now(UTC).date(), shown.progress)
    shown.done()
    if write_baseline is not None:
        baselines.write(write_baseline, [(each.fingerprint, each.found.rule) for each in report.findings])
        count = len({each.fingerprint for each in report.findings})
        click.echo(f"{write_baseline}: {amount(count, 'secret')}", err=True)
    else:
        _told(FORMS[form](report), output)
    _end(report, code=FOUND if report.findings and write_baseline is None else 0)


def _check(asked: Asked) -> None:
    if asked.staged and asked.history:
        raise UsageError("--git and --staged are two scans", hint="ask for one of them")
    if (asked.staged or asked.history) and (len(asked.paths) > 1 or not os.path.isdir(asked.paths[0])):  # noqa: PTH112 - may be no text
        raise UsageError("a history is that of one repository", hint="name its folder, or stand in it")


def _told(text: str, output: Path | None) -> None:
    if output is not None:
        output.write_text(text, "utf-8")
    else:
        click.echo(text, nl=False)


def _end(report: Report, code: int) -> None:
    """Secrets go before omissions; both are in the report."""
    if report.unscanned and not code:
        count = len(report.unscanned)
        raise NotScanned(
            f"{count:,} {'content was' if count == 1 else 'contents were'} not looked through",
            hint="the report says which and why; `--format json` has them as a list",
        )
    click.get_current_context().exit(code)


class Shown:
    """Progress, on a terminal."""

    def __init__(self) -> None:
        self._moves = screen.moves()
        self._next = time.monotonic() + EVERY_S
        self._any = False

    def progress(self, report: Report) -> None:
        """How far it is."""
        now = time.monotonic()
        if self._moves and now >= self._next:
            self._next, self._any = now + EVERY_S, True
            words = f"{report.files:,} files, {report.size_bytes / 1e6:,.0f} MB, {len(report.findings):,} secrets"
            click.echo(f"\r\x1b[K{words}", err=True, nl=False)

    def done(self) -> None:
        """Takes the line away."""
        if self._any:
            click.echo("\r\x1b[K", err=True, nl=False)
