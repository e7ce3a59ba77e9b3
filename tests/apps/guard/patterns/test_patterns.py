"""Patterns as data: read and written without a change of meaning, trimmed and cut soundly."""

from __future__ import annotations

import re

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.apps.guard.small import SHAPES, texts

from fairlead.apps.guard.patterns.cutting import cut, opened, trimmed
from fairlead.apps.guard.patterns.linear import PatternTooLarge, linear
from fairlead.apps.guard.patterns.reading import DEEPEST, PatternError, read
from fairlead.apps.guard.patterns.tree import flat, joined
from fairlead.apps.guard.patterns.widths import bits, last_bytes, least, most, size
from fairlead.apps.guard.patterns.writing import written

SAMPLES = (
    *SHAPES.values(),
    r"a|b|(?:cd|c)e*",
    r"(?i)A[b-d]\x41{2,3}?",
    r"(?s:.)\.[^\n]x",
    r"[[:alpha:]_][^[:digit:]]",
    r"\Qa.b\E+",
    r"x(?i:y)(?-i)z",
    r"[]a-]b{,3}",
    "é€",
)


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), texts)
def test_a_pattern_means_the_same_after_it_was_read_and_written(pattern: str, text: str) -> None:
    """RE2 reads the pattern itself, ours reads what was written of it."""
    data = text.encode()
    itself = linear(pattern.replace("(?P<secret>", "(").encode().decode("latin-1"))
    ours = linear(written(read(pattern), groups=True))

    assert ours.search(data, 0, len(data)) == itself.search(data, 0, len(data))


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), texts, st.integers(0, 60))
def test_a_beginning_of_a_match_is_alive(pattern: str, text: str, at: int) -> None:
    """Wherever a text is cut, a match across the cut is seen to be under way."""
    data = text.encode()
    tree = read(pattern)
    spans = linear(written(tree)).search(data, 0, len(data))
    if spans is None or not spans[0][0] < at < spans[0][1]:
        return
    alive = linear(f"(?:{written(cut(tree))})\\z").search(data[:at], 0, at)

    assert alive is not None
    assert alive[0][0] <= spans[0][0]


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), texts)
def test_a_match_begins_with_what_is_trimmed(pattern: str, text: str) -> None:
    """The trimmed pattern matches where the whole one does, and ends no later."""
    data = text.encode()
    tree = read(pattern)
    if (spans := linear(written(tree)).search(data, 0, len(data))) is None:
        return
    start, end = spans[0]
    first = linear(written(trimmed(tree))).match(data, start, len(data))

    assert first is not None
    assert first[0][1] <= end


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), texts)
def test_widths_and_last_bytes_hold(pattern: str, text: str) -> None:
    """No match is shorter, longer or ends on another byte."""
    data = text.encode()
    tree = read(pattern)
    for start in range(len(data)):
        if spans := linear(written(tree)).match(data, start, len(data)):
            width = spans[0][1] - start
            assert least(tree) <= width <= most(tree)
            assert width == 0 or last_bytes(tree) >> data[spans[0][1] - 1] & 1


def test_sizes_are_counted_with_repetitions_written_out() -> None:
    """What an automaton holds, and what a form says."""
    assert size(read("a(?:bc){3}d?")) == 8
    assert bits(read("ab[0-9a-f]{2}")) == 24
    assert bits(read("a|bc")) == 8


def test_what_may_be_left_out_at_the_beginning_is_left_out() -> None:
    """It would only make a match begin on every word."""
    parts = opened(flat(read(r"[\w.-]{0,50}?(?:key)=[a-z]{3}")))

    assert written(joined(parts)) == r"(?:key)\x3d[a-z]{3}".replace("(?:key)", "key")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(?=a)", "look-around"),
        ("(?<!a)b", "look-around"),
        (r"(a)\1", "back-reference"),
        ("(?>a)", "unknown kind of group"),
        ("a++", "possessive"),
        ("a{1001}", "above 1000"),
        ("a{3,2}", "below its beginning"),
        ("(a", "not closed"),
        ("a)", "too many"),
        ("*a", "nothing to repeat"),
        (r"\pL", "unknown escape"),
        ("[ä]", "beyond ASCII"),
        ("[b-a]", "ends before it begins"),
        ("[a", "ends in the middle"),
        (r"\xZZ", "without its digits"),
        ("[[:word:][:nothing:]]", "unknown set"),
        ("(?U)a", "flag U"),
        ("(" * (DEEPEST + 1), "within each other"),
    ],
)
def test_what_no_engine_can_do_is_named_with_its_place(pattern: str, words: str) -> None:
    """Never guessed, never dropped."""
    with pytest.raises(PatternError, match=f"{re.escape(words)}.* at character "):
        read(pattern)


def test_a_pattern_that_is_too_large_is_an_error_in_our_words() -> None:
    """RE2 bounds what a pattern may take."""
    with pytest.raises(PatternTooLarge, match="too large"):
        linear("a{1000}" * 3000)


def test_an_unsigned_version_of_re2_is_not_relied_on() -> None:
    """The binding below the wrapper is used; this fails when a new version moves it."""
    assert hasattr(re2.compile("a"), "_regexp")
    assert hasattr(re2, "_Anchor")
