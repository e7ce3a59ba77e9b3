"""Env files are read strictly, written back exactly, and never quoted in a message."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.engine.secrets import envtext


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=plain", "plain"),
        ("export A=plain", "plain"),
        ("  A = spaced out  # a comment", "spaced out"),
        ("A=no#comment", "no#comment"),
        ("A=#only a comment", ""),
        ("A=", ""),
        ("A=$NOT_EXPANDED", "$NOT_EXPANDED"),
        ("A='single $HOME \\n'", "single $HOME \\n"),
        ('A="double \\"quoted\\" \\n \\$x"', 'double "quoted" \n $x'),
        ('A="x" # a comment', "x"),
        ("A='two\nlines'", "two\nlines"),
        ('A="two\nlines"', "two\nlines"),
        ('A="joined \\\nline"', "joined line"),
        ("A=a=b=c", "a=b=c"),
        ("# a comment\n\n   \nA=last", "last"),
        ("A=grün", "grün"),
    ],
)
def test_a_value_is_read_as_written(text: str, value: str) -> None:
    assert envtext.parse(text) == {"A": value}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("A=1\nhunter2\n", 2, "should be NAME=value"),
        ("2A=hunter2", 1, "should be NAME=value"),
        ("A=1\nB='hunter2\n\n", 2, "a quote is opened and never closed"),
        ('A="hunter2\\"', 1, "a quote is opened and never closed"),
        ("A='two\nlines'\nB='hunter2' hunter2", 3, "something follows the closing quote"),
        ('A="hunter2\\d"', 1, "unknown escape after a backslash"),
        ("A=hunter2\nB=2\nA=3", 3, "`A` is given a second time"),
    ],
)
def test_a_line_that_is_none_is_named_and_not_shown(text: str, line: int, problem: str) -> None:
    with pytest.raises(envtext.EnvError, match=problem) as caught:
        envtext.parse(text)
    assert caught.value.line == line
    assert "hunter2" not in str(caught.value)


def test_windows_line_ends_and_a_byte_order_mark_are_no_part_of_a_value() -> None:
    assert envtext.parse(envtext.decode(b"\xef\xbb\xbfA=1\r\nB='2'\r\n")) == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"A=1\nB=\xff\xfe\n", "line 2: not UTF-8 text"), (b"A=1\nB=2\nC=\0", "line 3: holds a NUL character")],
)
def test_a_file_that_is_not_text_is_named_by_line(content: bytes, problem: str) -> None:
    with pytest.raises(envtext.EnvError, match=problem):
        envtext.decode(content)


values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@settings(deadline=None)
@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,10}", fullmatch=True), values))
def test_what_is_written_is_read_back_exactly(secrets: dict[str, str]) -> None:
    assert envtext.parse(envtext.decode(envtext.dump(secrets).encode())) == secrets


@settings(deadline=None)
@given(values)
def test_no_text_ends_in_anything_but_values_or_a_named_line(text: str) -> None:
    line = 1
    try:
        envtext.parse(text)
    except envtext.EnvError as error:
        line = error.line
    assert 1 <= line <= text.count("\n") + 1
