"""What a target leaves out that is about one matter only: every key but those it renders, in as few words as can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fairlead.render.leaves import matches
from fairlead.stack import keys
from fairlead.stack.keys import Place

ELSEWHERE = "another target renders it"


def all_but(kept: tuple[str, ...], why: Mapping[str, str] | None = None) -> dict[str, str]:
    """Patterns of all keys that no pattern of `kept` covers, each with why; `why` has better words for some."""
    told = why or {}
    return {pattern: told.get(pattern, ELSEWHERE) for pattern in _rest(keys.ROOT, (), kept)}


def _rest(place: Place, path: tuple[str, ...], kept: tuple[str, ...]) -> Iterator[str]:
    if path and any(matches(one, path) for one in kept):
        return
    if path and not any(_leads_to(path, one) for one in kept):
        yield ".".join(path)
        return
    for key, inner in _below(place):
        if (*path, key) != ("environments",):
            yield from _rest(inner, (*path, key), kept)


def _leads_to(path: tuple[str, ...], pattern: str) -> bool:
    words = pattern.split(".")
    return len(path) < len(words) and words[: len(path)] == list(path)


def _below(place: Place) -> Iterator[tuple[str, Place]]:
    named, items = place.named(), place.items()
    if place.model is not None:
        yield from ((key, keys.of_field(field)) for key, field in place.children().items())
    elif named is not None:
        yield "*", named
    elif items is not None:
        yield "*", items
