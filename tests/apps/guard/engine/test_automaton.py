"""Hyperscan and RE2 say the same; why Hyperscan's streams are not used."""

from __future__ import annotations

import logging
from functools import cache

import hyperscan
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.apps.guard.engine.test_streaming import pieces_of, streamed
from tests.apps.guard.small import Everything, rules, small_pack, texts

from fairlead.apps.guard.engine import automaton
from fairlead.apps.guard.engine.pack import Pack, packed
from fairlead.apps.guard.engine.whole import hits
from fairlead.apps.guard.library import Library
from fairlead.apps.guard.placeholders import Numbered

_MISSED = rb"(?:alpaca|apca)[\w .-]{0,24}?secret"


@cache
def _packs() -> tuple[Pack, Pack]:
    """With Hyperscan, and as where its wheel is missing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(automaton, "hyperscan", None)
        plain = Pack(packed(rules()), Everything())
    return small_pack(), plain


@settings(max_examples=300, deadline=None)
@given(texts)
def test_without_hyperscan_the_same_is_found(text: str) -> None:
    """Slower, not different."""
    fast, plain = _packs()

    assert hits(plain, text.encode()) == hits(fast, text.encode())


@settings(deadline=None)
@given(texts, st.lists(st.integers(0, 120), max_size=8))
def test_without_hyperscan_streams_come_out_the_same(text: str, cuts: list[int]) -> None:
    """Redacted before a byte of a secret leaves."""
    plain = Library(_packs()[1])

    assert streamed(plain, pieces_of(text, cuts))[0] == plain.redact(text, Numbered())[0]


def test_that_hyperscan_is_missing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """Once, when the guard is made ready."""
    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(automaton, "hyperscan", None)
        Pack(packed(rules()[:1]), Everything())

    assert [record.getMessage() for record in caplog.records] == [
        "hyperscan has no wheel for this machine: secrets are searched for with RE2 alone, slower"
    ]


def test_hyperscan_misses_matches_in_its_own_streams() -> None:
    """The reason for scanning the end of the text again; when this fails, its streams may be worth a second look."""

    def ends(pieces: list[bytes]) -> list[int]:
        database = hyperscan.Database(mode=hyperscan.HS_MODE_STREAM)
        database.compile(expressions=[_MISSED], ids=[0], flags=[hyperscan.HS_FLAG_CASELESS])
        found: list[int] = []

        def note(_pattern: int, _start: int, end: int, _flags: int, _context: object) -> None:
            found.append(end)

        with database.stream(match_event_handler=note) as stream:
            for piece in pieces:
                stream.scan(piece)
        return found

    assert ends([b"The word before: x\nAPCA_API_SECRET_KEY"]) == [34]
    assert ends([b"The w\xc3\xb6rd", b" before: x\nAP", b"CA_API_SECRET", b"_KEY"]) == []


def test_what_was_built_for_something_else_is_not_used() -> None:
    """A database of another version is refused before it is scanned with."""
    with pytest.raises(automaton.Unusable):
        automaton.Database(b"not a database")
