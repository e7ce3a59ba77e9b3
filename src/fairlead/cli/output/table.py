"""A table that fits the terminal: columns that matter least are left out before anything is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A column; those with the highest `spare` go first when there is too little room, those with 0 never."""

    title: str
    spare: int = 0
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A text and its colour."""

    text: str
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """The lines of a table, and the titles of the columns that there was no room for."""

    lines: list[str]
    left_out: list[str]


def fit(columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]], width: int | None) -> Fitted:
    """Lay the rows out in at most `width` characters (`None`: as many as it takes)."""
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    widths = [max(len(column.title), *(len(row[i].text) for row in cells), 0) for i, column in enumerate(columns)]
    kept = list(range(len(columns)))
    while width and _total(widths, kept) > width:
        spare = max(kept, key=lambda i: (columns[i].spare, i))
        if not columns[spare].spare:
            break
        kept.remove(spare)
    titles = [Cell(column.title, "bright_black") for column in columns]
    lines = [_line(columns, row, widths, kept) for row in (titles, *cells)]
    return Fitted(lines, [column.title.lower() for i, column in enumerate(columns) if i not in kept])


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[i] for i in kept) + len(GAP) * (len(kept) - 1)


def _line(columns: Sequence[Column], row: Sequence[Cell], widths: Sequence[int], kept: Sequence[int]) -> str:
    parts = [_padded(row[i], widths[i], right=columns[i].right, last=i == kept[-1]) for i in kept]
    return GAP.join(parts).rstrip()


def _padded(cell: Cell, width: int, *, right: bool, last: bool) -> str:
    space = " " * (width - len(cell.text))
    text = click.style(cell.text, fg=cell.colour) if cell.colour and cell.text else cell.text
    if right:
        return space + text
    return text if last else text + space
