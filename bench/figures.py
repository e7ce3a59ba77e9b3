"""What a benchmark found: rows for people, the same and more for programs, and the promises that it saw broken."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = Mapping[str, object]


@dataclass(slots=True)
class Figures:
    """The outcome of one benchmark. `details` go to the JSON file only."""

    rows: list[Row]
    broken: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def save(self, folder: Path, name: str) -> Path:
        """Write all of it, with what the machine was like, and say where."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.json"
        found = {"name": name, "machine": machine(), "rows": self.rows, "broken": self.broken, "details": self.details}
        path.write_text(json.dumps(found, indent=1, default=str))
        return path


def machine() -> dict[str, object]:
    """Where and when it was measured."""
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "cpus": os.cpu_count(),
        "load_average": os.getloadavg(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def table(rows: Sequence[Row]) -> str:
    """The rows in columns; those of another shape get a heading of their own."""
    blocks: list[str] = []
    for names, group in _grouped(rows):
        cells = [list(names), *([str(row[name]) for name in names] for row in group)]
        widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)
        blocks.append("\n".join(line.rstrip() for line in lines))
    return "\n\n".join(blocks)


def _grouped(rows: Iterable[Row]) -> Iterable[tuple[tuple[str, ...], list[Row]]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    return groups.items()


def milliseconds(seconds: Sequence[float]) -> str:
    """`median / worst` of some times."""
    if not seconds:
        return "-"
    return f"{statistics.median(seconds) * 1000:.0f} / {max(seconds) * 1000:.0f} ms"
