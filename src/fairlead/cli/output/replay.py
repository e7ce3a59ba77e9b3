"""A judgement repeated: what was known when, the verdict it led to, and whether that is the one of then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from fairlead.cli.output.judgement import evidence_lines, indicators
from fairlead.cli.output.releases import change
from fairlead.cli.output.table import Cell, Column, fit
from fairlead.cli.output.words import clean, share, span

Facts = Mapping[str, Any]

COLOURS = {"promote": "green", "roll back": "red"}


def replay_lines(found: Facts, *, width: int | None) -> Iterator[str]:
    """In at most `width` columns, but for what a source said."""
    now = found["now"]
    others = "".join(f", with {other['service']} {change(other)}" for other in found["with"])
    yield f"{found['id']}: {found['service']} {change(found)}{others}, {found['strategy']}"
    yield ""
    yield from _timeline(found["timeline"])
    yield ""
    yield from evidence_lines(indicators(now["evidence"]), width=width)
    yield ""
    verdict = click.style(now["verdict"], fg=COLOURS.get(now["verdict"], "yellow"), bold=True)
    yield f"after {span(now['seconds'])}: {verdict}, {clean(now['why'])}"
    yield f"margins: {', '.join(f'{name} {ratio:g}' for name, ratio in found['margins'].items())}"
    yield _then(found)


def _timeline(rows: list[Facts]) -> list[str]:
    columns = (Column("AFTER", right=True), Column("SHARE"), Column("REQUESTS"), Column("VERDICT"))
    cells: list[list[Cell | str]] = [
        [
            span(row["seconds"]),
            _of_each({service: share(percent) for service, percent in row["shares"].items()}),
            _of_each({service: f"{old:,.0f} + {new:,.0f}" for service, (old, new) in row["requests"].items()}),
            Cell(
                row["verdict"] + (f", silent: {', '.join(row['silent'])}" if row["silent"] else ""),
                COLOURS.get(row["verdict"]),
            ),
        ]
        for row in rows
    ]
    return fit(columns, cells, None).lines


def _of_each(texts: Mapping[str, str]) -> str:
    """Of one service plainly, of several each with its name; the same of all once."""
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{service} {text}" for service, text in texts.items())


def _then(found: Facts) -> str:
    """What became of it when it was released."""
    reason = f": {clean(str(found['reason']))}" if found["reason"] else ""
    return f"what became of it: {found['state']}{reason}"
