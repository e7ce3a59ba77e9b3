"""A value shows itself to nobody who does not ask."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.engine.secrets import Secret, redact

VALUE = "swordfish-" + "4711"


@dataclasses.dataclass
class Holder:
    """Something that has a secret and shows all it has."""

    token: Secret


@pytest.mark.parametrize("shown", [repr, str, "{}".format, "{!r:>20}".format, lambda secret: f"{[secret]}"])
def test_it_shows_nothing_of_itself(shown: object) -> None:
    assert callable(shown)
    assert VALUE not in shown(Secret(VALUE))
    assert "<secret>" in shown(Secret(VALUE))


def test_what_holds_one_shows_nothing_of_it_either() -> None:
    assert repr(Holder(Secret(VALUE))) == "Holder(token=<secret>)"


@pytest.mark.parametrize("write", [json.dumps, pickle.dumps, copy.copy])
def test_it_can_not_be_written_down(write: object) -> None:
    assert callable(write)
    with pytest.raises(TypeError) as caught:
        write(Secret(VALUE))
    assert VALUE not in str(caught.value)


def test_two_with_the_same_value_are_equal() -> None:
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != Secret("another")
    assert len({Secret(VALUE), Secret(VALUE)}) == 1
    assert Secret(VALUE) != VALUE


def test_values_are_taken_out_of_text() -> None:
    assert redact(f"login with {VALUE} failed", [Secret(VALUE)]) == "login with *** failed"


@pytest.mark.parametrize(
    "text",
    ['{"password": "p\\"a/s s\\u00e9\\nx"}', "redis://:p%22a%2Fs%20s%C3%A9%0Ax@db", "error: 'p\"a/s sé\\nx'"],
    ids=["json", "url", "repr"],
)
def test_values_are_taken_out_as_others_write_them(text: str) -> None:
    shown = redact(text, [Secret('p"a/s sé\nx')])
    assert "***" in shown
    assert "a/s" not in shown
    assert "a%2Fs" not in shown


def test_a_value_that_holds_another_leaves_nothing_behind() -> None:
    assert redact("abcdefgh abcd", [Secret("abcd"), Secret("abcdefgh")]) == "*** ***"


def test_each_line_of_a_key_is_taken_out_of_a_log() -> None:
    key = "-----BEGIN KEY-----\n" + "MIIEvQIBADAN" + "BgkqhkiG9w0B\n" + "-----END KEY-----\n"
    assert redact("> " + key.splitlines()[1], [Secret(key)]) == "> ***"


def test_a_value_of_three_letters_spoils_no_text() -> None:
    assert redact("the cat sat", [Secret("the")]) == "the cat sat"


@settings(deadline=None)
@given(st.text(min_size=4), st.text(), st.text())
def test_no_value_of_four_letters_or_more_survives(value: str, before: str, after: str) -> None:
    shown = redact(before + value + after, [Secret(value)])
    assert value not in shown or value in "***" * 3 or value in before + "***" + after
