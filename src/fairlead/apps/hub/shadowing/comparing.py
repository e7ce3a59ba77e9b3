"""Two answers side by side, by measures that cost next to nothing and need no judge: pure.

The likeness is that of their words, each counted as often as it stands there (Dice's coefficient of the two bags): 1
for the same words in any order, 0 for none in common. It tells that an answer has changed, not that it got worse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fairlead.apps.hub.calls import Chat, Delta, Failure, Finish, Refusal, Reply, Text, Unsayable
from fairlead.apps.hub.shapes import Shape
from fairlead.apps.hub.shapes.folding import Folded

MOST_CHARACTERS = 200_000
"""Of an answer whose words are counted."""

CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"

_WORD = re.compile(r"\w+")
_REFUSES = re.compile(
    r"\s*(?:i(?:'m| am) (?:very |really )?sorry|sorry|as an ai)\b.{0,200}?"
    r"\b(?:can't|cannot|can not|won't|unable|not able)\b"
    r"|\s*i (?:can't|cannot|can not|won't|am unable to) (?:help|assist|provide|do|answer|comply|share|fulfil)",
    re.IGNORECASE | re.DOTALL,
)
"""How models begin when they refuse in words only (English)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is compared of one."""

    text: str
    finish: Finish | None
    refused: bool


def similarity(one: str, other: str) -> float | None:
    """0 to 1; `None` where neither says anything, or one is too long."""
    if max(len(one), len(other)) > MOST_CHARACTERS:
        return None
    ours, theirs = Counter(_WORD.findall(one.lower())), Counter(_WORD.findall(other.lower()))
    whole = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / whole if whole else None


def answer_of(reply: Reply) -> Answer:
    """The first answer of a reply."""
    if not reply.choices:
        return Answer("", None, refused=False)
    choice = reply.choices[0]
    text = "".join(part.text for part in choice.parts if isinstance(part, Text | Refusal))
    refused = choice.finish in ("refused", "filtered") or any(isinstance(part, Refusal) for part in choice.parts)
    return Answer(text, choice.finish, refused or _REFUSES.match(text[:400].replace(CURLY, "'")) is not None)


def read(shape: Shape, call: Chat, pieces: Sequence[bytes], *, stream: bool) -> Answer | None:
    """An answer from its bytes; `None` where it can't be read."""
    try:
        if not stream:
            reply = shape.read_reply(call, {b"content-type": b"application/json"}, b"".join(pieces))
            return answer_of(reply) if isinstance(reply, Reply) else None
        return answer_of(_folded(shape, call, pieces))
    except Unsayable:
        return None


def _folded(shape: Shape, call: Chat, pieces: Sequence[bytes]) -> Reply:
    reader, whole = shape.reader(call), Folded()
    items: list[Delta | Failure] = []
    for piece in pieces:
        items += reader.feed(piece)
    for item in [*items, *reader.close()]:
        if isinstance(item, Delta):
            whole.add(item)
    return whole.reply()
