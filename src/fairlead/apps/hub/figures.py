"""Metrics that are read when somebody asks for them: what a part of the hub has at hand and nobody has to count.

A part appends to `hub.figures` a function that gives its figures; it is called at every scrape, by the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple


class Figure(NamedTuple):
    """One metric. Its name ends with the unit (`_seconds`, `_bytes`, `_usd`), that of a counter with `_total`."""

    name: str
    kind: Literal["counter", "gauge"]
    words: str
    """What it says, for people."""
    samples: Iterable[tuple[Mapping[str, str], float]]
    """Labels and value. Labels must be bounded: no name that a client chooses, and never a key."""


Figures = Callable[[], Iterable[Figure]]
