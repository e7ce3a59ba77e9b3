"""Answers to nearly the same question: off unless a route asks for it, since "nearly" is a guess.

Only for one question in words: at most a system prompt, and one message of a user, which is text; no tools, no earlier
turns. Everything else of the request has to be the same, and two prompts count as the same when the cosine of their
embeddings reaches the route's threshold and they agree in what embeddings are known to pass over: the numbers, the
names (words with a capital, and what stands in quotes or backticks), and words that turn a sentence round ("not",
"without", "before", …). That guards against the usual false hits ("flights to Paris" for "flights to Rome", "3 days"
for "5 days", "is" for "is not"), not against all: synonyms that matter, other languages without capitals. German's
capitals make it ask for a new answer more often than it had to.
"""

from __future__ import annotations

import heapq
import math
import re
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from operator import mul
from typing import Any

import msgspec

Embed = Callable[[str, str, Callable[[Sequence[float] | None], None]], None]
"""Embeds a prompt by a model, and tells the vector when it is there; `None` when there is none."""

MOST_CHARACTERS = 8000
"""Longer prompts are rarely asked twice, and their embeddings say little."""

MOST_COMPONENTS = 8192
"""Of an embedding."""

MOST_COMPARED = 8
"""Questions that are compared in full, for each that is asked (50 µs each)."""

ROUNDED = 1e-6
"""How far a likeness may be off, since components are kept in 4 bytes."""

Marks = tuple[tuple[str, ...], frozenset[str], tuple[str, ...]]
Room = tuple[bytes, Marks]

TURNS = frozenset(
    [
        "not",
        "no",
        "never",
        "none",
        "nothing",
        "nobody",
        "without",
        "except",
        "but",
        "only",
        "unless",
        "neither",
        "nor",
        "cannot",
        "isn't",
        "aren't",
        "don't",
        "doesn't",
        "won't",
        "can't",
        "before",
        "after",
        "above",
        "below",
        "more",
        "less",
        "least",
        "most",
        "first",
        "last",
        "all",
        "any",
        "minimum",
        "maximum",
        "increase",
        "decrease",
        "enable",
        "disable",
        "add",
        "remove",
        "start",
        "stop",
        "open",
        "close",
        "buy",
        "sell",
        "yes",
    ]
)

_WORD = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?")
_QUOTED = re.compile(r"`[^`]+`|\"[^\"]+\"|“[^”]+”|«[^»]+»")
_SENTENCE = re.compile(r"(?:^|[.!?:\n]\s*)([^\W\d_]+)")


class Question(msgspec.Struct, frozen=True):
    """A prompt that may be compared."""

    frame: bytes
    """All of the request but the user's words, in canonical form."""
    text: str


def question(canonical: bytes) -> Question | None:
    """The question in a canonical body; `None` where there is more than one question in words."""
    fields = msgspec.json.decode(canonical)
    messages = fields.get("messages")
    if not isinstance(messages, list) or not messages or any(fields.get(name) for name in ("tools", "functions")):
        return None
    *before, last = messages
    if not all(isinstance(one, dict) and one.get("role") in ("system", "developer") for one in before):
        return None
    text = _text(last) if isinstance(last, dict) and last.get("role") == "user" else None
    if text is None or not 0 < len(text) <= MOST_CHARACTERS:
        return None
    fields["messages"] = [*before, {**last, "content": None}]
    return Question(msgspec.json.encode(fields, order="sorted"), text)


def _text(message: dict[str, Any]) -> str | None:
    content = message.get("content")
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        part = content[0]
        content = part.get("text") if part.keys() == {"type", "text"} and part["type"] == "text" else None
    return content if isinstance(content, str) else None


def marks(text: str) -> Marks:
    """What two prompts have to agree in: numbers in order; names and what is quoted; words that turn a sentence."""
    first = {match.start(1) for match in _SENTENCE.finditer(text)}
    numbers, names, turns = [], set(_QUOTED.findall(text)), []
    for match in _WORD.finditer(text):
        word = match[0]
        if word[0].isdigit():
            numbers.append(word)
        elif word.lower() in TURNS:
            turns.append(word.lower())
        elif word[0].isupper() and (match.start() not in first or not word[1:].islower()):
            names.add(word)
    return tuple(numbers), frozenset(names), tuple(sorted(turns))


class _Asked(msgspec.Struct):
    """A question that was asked, as a unit vector. `signs` has a bit for each of its components."""

    key: bytes
    unit: array[float]
    signs: int

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return 400 + 4 * len(self.unit) + len(self.unit) // 7


class Semantic:
    """The questions that were asked, by room (tenant, route and frame) and by what two must agree in.

    Of the few that agree, those with the most signs in common are compared in full: a bit for a component is a hash by
    which near vectors are told from far ones (M. Charikar, Similarity estimation techniques, 2002), and an integer of
    them is compared in a tenth of a microsecond; so it needs no library for vectors.
    """

    def __init__(self, embed: Embed, most_bytes: int = 16 * 1024 * 1024) -> None:
        self._embed = embed
        self._most_bytes = most_bytes
        self._rooms: dict[Room, list[_Asked]] = {}
        self._order: deque[tuple[Room, _Asked]] = deque()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._order)

    def embed(self, model: str, text: str, then: Callable[[Sequence[float] | None], None]) -> None:
        """The vector of a prompt."""
        self._embed(model, text, then)

    def near(self, room: bytes, text: str, vector: Sequence[float], threshold: float) -> list[bytes]:
        """The keys of answers to nearly the same question, the nearest first."""
        unit = _unit(vector)
        if unit is None:
            return []
        signs = _signs(unit)
        others = [one for one in self._rooms.get((room, marks(text)), ()) if len(one.unit) == len(unit)]
        nearest = heapq.nsmallest(MOST_COMPARED, others, key=lambda one: (one.signs ^ signs).bit_count())
        found = [(sum(map(mul, unit, one.unit)), one.key) for one in nearest]
        return [key for likeness, key in sorted(found, reverse=True) if likeness >= threshold - ROUNDED]

    def add(self, room: bytes, key: bytes, text: str, vector: Sequence[float]) -> None:
        """Remember a question whose answer is kept under a key; the oldest ones go first."""
        unit = _unit(vector)
        if unit is None:
            return
        asked, place = _Asked(key, unit, _signs(unit)), (room, marks(text))
        self._rooms.setdefault(place, []).append(asked)
        self._order.append((place, asked))
        self.bytes += asked.size
        while self.bytes > self._most_bytes:
            self._drop(*self._order.popleft())

    def _drop(self, place: Room, asked: _Asked) -> None:
        self.bytes -= asked.size
        left = [one for one in self._rooms[place] if one is not asked]
        if left:
            self._rooms[place] = left
        else:
            del self._rooms[place]


def _unit(vector: Sequence[float]) -> array[float] | None:
    length = math.hypot(*vector) if 0 < len(vector) <= MOST_COMPONENTS else 0.0
    return array("f", [one / length for one in vector]) if 0 < length < math.inf else None


def _signs(unit: array[float]) -> int:
    return int("".join(["1" if one > 0 else "0" for one in unit]), 2)
