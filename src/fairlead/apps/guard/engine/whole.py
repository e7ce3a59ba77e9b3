"""Looks through a text that is there as a whole."""

from __future__ import annotations

from fairlead.apps.guard.engine.pack import Pack
from fairlead.apps.guard.engine.probe import Hit, resolved


def hits(pack: Pack, data: bytes, path: str | None = None) -> list[Hit]:
    """What stands in a text, in order, without overlaps."""
    places = pack.automaton.places(data)
    if not places:
        return []
    found: list[Hit] = []
    after: dict[int, int] = {}
    for rule, start, limit in places:
        probe = pack.probes[rule]
        start = max(start, after.get(rule, 0))
        while start < limit and (spans := probe.next(data, start, limit)):
            start = max(spans[0][1], spans[0][0] + 1)
            after[rule] = start
            if hit := probe.judged(data, spans, path):
                found.append(hit)
    return resolved(found)
