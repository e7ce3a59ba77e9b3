"""Nearly the same question: what counts as one, and what never does."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.apps.hub.cache.semantic import MOST_CHARACTERS, Semantic, marks, question

ASKED: dict[str, Any] = {"model": "m", "temperature": 0, "messages": [{"role": "user", "content": "how tall is it?"}]}


def asked(**change: Any) -> bytes:
    return json.dumps(ASKED | change).encode()


def none(model: str, text: str, then: object) -> None:
    """Embeds nothing."""


def turned(vector: list[float], cosine: float, seed: int = 1) -> list[float]:
    """Another vector, at that cosine from the first."""
    chance = random.Random(seed)
    other = [chance.gauss(0, 1) for _ in vector]
    length = math.hypot(*vector)
    unit = [one / length for one in vector]
    along = sum(a * b for a, b in zip(unit, other, strict=True))
    across = [b - along * a for a, b in zip(unit, other, strict=True)]
    width = math.hypot(*across)
    sine = math.sqrt(1 - cosine**2)
    return [cosine * a + sine * b / width for a, b in zip(unit, across, strict=True)]


def vector(seed: int, size: int = 256) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(0, 1) for _ in range(size)]


def test_a_question_is_one_message_of_a_user_in_words() -> None:
    """Its frame is all the rest."""
    plain = question(asked())
    parts = question(asked(messages=[{"role": "user", "content": [{"type": "text", "text": "how tall is it?"}]}]))
    other = question(asked(messages=[{"role": "user", "content": "how high is it?"}]))
    led = question(asked(messages=[{"role": "system", "content": "be brief"}, *ASKED["messages"]]))

    assert plain is not None
    assert parts == plain
    assert other is not None
    assert (other.frame, other.text) == (plain.frame, "how high is it?")
    assert led is not None
    assert led.frame != plain.frame


@pytest.mark.parametrize(
    "change",
    [
        {"messages": []},
        {"messages": "hi"},
        {"messages": [*ASKED["messages"], {"role": "assistant", "content": "8 m"}, *ASKED["messages"]]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        {"messages": [{"role": "user", "content": "x" * (MOST_CHARACTERS + 1)}]},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "assistant", "content": "hi"}]},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
    ],
    ids=lambda change: json.dumps(change)[:60],
)
def test_anything_else_is_never_compared(change: dict[str, Any]) -> None:
    """Turns, tools, images, essays."""
    assert question(asked(**change)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Flights to Paris in May", "Flights to Rome in May"),
        ("a trip of 3 days", "a trip of 5 days"),
        ("is it safe to eat?", "is it not safe to eat?"),
        ("what happened before the war?", "what happened after the war?"),
        ("how do I enable the cache?", "how do I disable the cache?"),
        ('what does "foo" mean?', 'what does "bar" mean?'),
        ("explain `x = 1`", "explain `x = 2`"),
        ("from Paris to Rome at 10:30", "from Paris to Rome at 10:45"),
        ("who is the CEO?", "who is the CFO?"),
        ("2 of 3", "3 of 2"),
    ],
)
def test_numbers_names_and_what_turns_a_sentence_round_are_never_overlooked(one: str, other: str) -> None:
    """Whatever the embeddings say."""
    same = vector(1)
    semantic = Semantic(none)
    semantic.add(b"room", b"key", one, same)

    assert marks(one) != marks(other)
    assert semantic.near(b"room", other, same, 0.5) == []
    assert semantic.near(b"room", one, same, 0.99) == [b"key"]


def test_other_words_for_the_same_agree() -> None:
    """The first word of a sentence is no name."""
    assert marks("How tall is the Eiffel Tower?") == marks("Tell me the height of the Eiffel Tower")


def test_the_nearest_that_reach_the_threshold_are_found_in_their_order() -> None:
    """Among many others; all others stay out."""
    semantic, first = Semantic(none), vector(0)
    for number in range(200):
        semantic.add(b"room", b"other-%d" % number, "how tall?", vector(number + 10))
    for cosine in (0.85, 0.99, 0.93):
        semantic.add(b"room", b"%.2f" % cosine, "how tall?", turned(first, cosine))

    assert semantic.near(b"room", "how tall?", first, 0.9) == [b"0.99", b"0.93"]
    assert semantic.near(b"room", "how tall?", first, 0.995) == []
    assert semantic.near(b"elsewhere", "how tall?", first, 0.5) == []


@given(st.lists(st.integers(1, 700), max_size=30))
def test_what_is_remembered_is_bounded(sizes: list[int]) -> None:
    """The oldest go first, and nothing of them stays."""
    semantic = Semantic(none, most_bytes=6_000)
    for number, size in enumerate(sizes):
        semantic.add(b"room-%d" % (number % 3), b"%d" % number, f"how {number % 2}?", vector(number, size))
        assert semantic.bytes <= 6_000
        assert semantic.bytes == sum(one.size for _, one in semantic._order)
        assert sum(map(len, semantic._rooms.values())) == len(semantic)


@pytest.mark.parametrize("bad", [[], [0.0, 0.0], [math.inf, 1.0], [math.nan, 1.0], [1.0] * 10_000])
def test_what_is_no_vector_is_passed_over(bad: list[float]) -> None:
    """Nothing is like it, and it is like nothing."""
    semantic = Semantic(none)
    semantic.add(b"room", b"key", "how?", bad)

    assert len(semantic) == 0
    assert semantic.near(b"room", "how?", bad, 0.1) == []


def test_vectors_of_another_model_are_not_compared() -> None:
    """They have another length."""
    semantic = Semantic(none)
    semantic.add(b"room", b"key", "how?", vector(1, 10))

    assert semantic.near(b"room", "how?", vector(1, 20), 0.1) == []
