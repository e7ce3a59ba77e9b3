"""Looks through a text that is there as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apps.guard.engine.pack import Pack
from fairlead.apps.guard.engine.probe import Hit, Probe, resolved


def hits(pack: Pack, data: bytes, path: str | None = None) -> list[Hit]:
    """What stands in a text, in order, without overlaps."""
    places = pack.automaton.places(data)
    if not places:
        return []
    found = [hit for rule, start in places for hit in _of_rule(pack.probes[rule], data, start, path)]
    return resolved(found)


def _of_rule(probe: Probe, data: bytes, start: int, path: str | None) -> Iterator[Hit]:
    while spans := probe.next(data, start):
        hit = probe.judged(data, spans, path)
        if hit is not None:
            yield hit
        start = max(spans[0][1], spans[0][0] + 1)
