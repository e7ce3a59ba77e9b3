"""Releases as a person reads them: one sentence for one, a table for many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairlead.cli.output.judgement import evidence_lines, indicators
from fairlead.cli.output.table import Cell, Column, fit
from fairlead.cli.output.words import clean, moment, span

Facts = Mapping[str, Any]

COLUMNS = (
    Column("RELEASE"),
    Column("SERVICE"),
    Column("CHANGE"),
    Column("OUTCOME"),
    Column("WHEN"),
    Column("TOOK", 1, right=True),
    Column("STRATEGY", 2),
    Column("WHO", 3),
    Column("WHY", 4),
)
COLOURS = {"succeeded": "green", "running": "yellow", "taken back": "red", "failed": "red"}


def sentence(release: Facts) -> str:
    """How one release ended."""
    took = f" in {span(release['ended'] - release['began'])}" if release.get("ended") else ""
    return f"{release['service']}: {change(release)} {release['state']}{took} ({release['id']})"


def change(release: Facts) -> str:
    """From what to what."""
    return f"{release['from']} -> {release['to']}" if release.get("from") else str(release["to"])


def whole(release: Facts, *, now: float, width: int | None) -> Iterator[str]:
    """One release with its steps, and the numbers that its verdict rests on."""
    yield sentence(release)
    for other in release.get("with") or []:
        yield f"  with {other['service']}: {change(other)}"
    yield f"began {moment(release['began'], now)}, {_how(release)}, by {release['who']}"
    if why := _why(release):
        yield f"why: {clean(why)}"
    yield ""
    for step in release.get("steps") or []:
        verdict = f": {step['verdict']}" if step.get("verdict") else ""
        state = "" if step["state"] == "done" else f" ({step['state']})"
        yield f"{moment(step['at'], now)}  {clean(step['step'])}{verdict}{state}"
    if evidence := (release.get("verdict") or {}).get("evidence"):
        yield ""
        yield from evidence_lines(indicators(evidence), width=width)


def _why(release: Facts) -> str:
    """Why it was taken back, or what the verdict said that let it in."""
    verdict = release.get("verdict") or {}
    return str(release.get("reason") or verdict.get("reason") or verdict.get("why") or "")


def history_lines(releases: Sequence[Facts], *, now: float, width: int | None) -> list[str]:
    """A table, newest first."""
    rows: list[list[Cell | str]] = [
        [
            release["id"],
            release["service"],
            change(release),
            Cell(release["state"], COLOURS.get(release["state"])),
            moment(release["began"], now),
            span((release.get("ended") or now) - release["began"]),
            _how(release),
            release["who"],
            clean(_why(release).partition("\n")[0]),
        ]
        for release in releases
    ]
    return fit(COLUMNS, rows, width).lines


def _how(release: Facts) -> str:
    """The strategy, and what asked for it where that was not `deploy`."""
    strategy, kind = release["strategy"], release["kind"]
    return str(strategy) if kind in ("deploy", strategy) else f"{strategy} ({kind})"
