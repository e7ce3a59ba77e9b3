"""A stream lets no byte of a secret out, finds what a scan of the whole finds, and holds back no more than it must."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.apps.guard.small import EXAMPLES, small_pack, texts

from fairlead.apps.guard.engine.pack import Pack
from fairlead.apps.guard.engine.plan import LONGEST
from fairlead.apps.guard.library import Library
from fairlead.apps.guard.placeholders import Numbered


@cache
def _pack() -> Pack:
    return small_pack()


@cache
def _guard() -> Library:
    return Library(_pack()).keyed(b"k")


def streamed(guard: Library, pieces: list[str]) -> tuple[str, list[tuple[str, int, int, str]], list[str]]:
    """What comes out, what was found, and the pieces as they came out."""
    stream = guard.stream(Numbered())
    answers = [stream.feed(piece) for piece in pieces]
    answers.append(stream.close())
    outs = [out for out, _ in answers]
    return "".join(outs), [_told(finding) for _, found in answers for finding in found], outs


def _told(finding: object) -> tuple[str, int, int, str]:
    return tuple(getattr(finding, name) for name in ("rule", "start", "end", "digest"))


def pieces_of(text: str, cuts: list[int]) -> list[str]:
    """The text cut at these places."""
    bounds = [0, *sorted({cut % (len(text) + 1) for cut in cuts}), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


@settings(max_examples=400, deadline=None)
@given(texts, st.lists(st.integers(0, 120), max_size=20))
@example("srv=a;b pw=cc;b pw=dd ;", [15, 16])
@example("host a@bcd!@efg!", [9, 10, 11])
@example("left=abcd right=123", [8])
def test_a_stream_finds_what_the_whole_text_shows(text: str, cuts: list[int]) -> None:
    """The same findings at the same places, and the same redacted text, wherever it is cut."""
    redacted, found = _guard().redact(text, Numbered())

    out, streamed_found, _ = streamed(_guard(), pieces_of(text, cuts))

    assert out == redacted
    assert streamed_found == [_told(finding) for finding in found]


@pytest.mark.parametrize("shape", EXAMPLES)
def test_a_secret_of_any_shape_is_found_however_it_is_cut(shape: str) -> None:
    """Every size of pieces from one byte to sixteen, beginning at every place."""
    text = EXAMPLES[shape]
    redacted, found = _guard().redact(text, Numbered())
    assert shape in {finding.rule for finding in found}

    for size in range(1, 17):
        for first in range(size):
            cuts = list(range(first, len(text), size))
            assert streamed(_guard(), pieces_of(text, cuts))[0] == redacted


@settings(max_examples=100, deadline=None)
@given(texts)
def test_a_stream_of_single_characters_is_the_whole_text(text: str) -> None:
    """The finest cut there is."""
    redacted, _ = _guard().redact(text, Numbered())

    assert streamed(_guard(), list(text))[0] == redacted


@settings(max_examples=100, deadline=None)
@given(texts)
def test_what_was_redacted_is_restored(text: str) -> None:
    """Nothing but secrets is changed, and they come back."""
    kept = Numbered()
    redacted, found = _guard().redact(text, kept)

    assert kept.restored(redacted) == text
    assert all(finding.start < finding.end for finding in found)


@settings(deadline=None)
@given(texts, texts)
def test_what_came_out_never_depends_on_what_comes(text: str, more: str) -> None:
    """What was let out is a beginning of what any continuation comes to."""
    stream = _guard().stream(Numbered())
    out, _ = stream.feed(text)

    assert _guard().redact(text + more, Numbered())[0].startswith(out)


@pytest.mark.parametrize("words", ["the quick brown fox ", "Nichts zu sehen, größer als nichts. ", "a = b + c; 42\n"])
def test_a_text_without_a_beginning_of_a_secret_passes_at_once(words: str) -> None:
    """Not a byte is held back at the end of such words."""
    stream = _guard().stream()

    for _ in range(3):
        assert stream.feed(words)[0] == words


def test_what_turns_out_to_be_none_is_let_out_at_once() -> None:
    """The byte that ends the hope of a match ends the wait."""
    stream = _guard().stream()

    assert stream.feed("ab_ab")[0] == ""
    assert stream.feed("1")[0] == "ab_ab1"


def test_a_key_of_many_lines_is_held_from_its_beginning_marker_on() -> None:
    """Whatever stands before the marker goes out, nothing of the key does."""
    stream = _guard().stream()
    outs = [stream.feed(piece)[0] for piece in ("see: -BEG", "IN-abc\nde", "f\nghi", "\n-END", "- and on ")]

    assert outs == ["see: ", "", "", "", "<secret:two-lines> and on "]


def test_no_more_than_the_longest_match_is_held_back() -> None:
    """A beginning marker that nothing ends does not keep a stream for ever."""
    stream = _guard().stream()
    outs = [stream.feed("-BEGIN-")[0], *(stream.feed("a" * 64)[0] for _ in range(LONGEST // 64 + 2))]

    assert outs[10] == ""
    assert "".join(outs).startswith("-BEGIN-aaa")


def test_what_follows_a_whole_text_in_memory_is_let_go() -> None:
    """A stream of any length keeps a few kilobytes."""
    stream = _guard().stream()
    for _ in range(3000):
        stream.feed("nothing to see here, ")

    assert len(stream._flow._text) < 16 << 10


def test_half_a_pair_of_surrogates_goes_through() -> None:
    """JSON can carry what is no character; it is no reason to fail."""
    text = "\ud83d ab_abcd \ude00"

    assert streamed(_guard(), list(text))[0] == "\ud83d <secret:prefix:1> \ude00"
