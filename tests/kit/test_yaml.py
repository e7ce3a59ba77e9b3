"""YAML as plain data with lines: what is read, what is refused, and that nothing else ever comes out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import StackError
from fairlead.kit.yaml import MAX_BYTES, Document, dumps, parse, read

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
BRANCHES = LEAVES | st.lists(LEAVES, max_size=4) | st.dictionaries(st.text(), LEAVES, max_size=4)
JSON = BRANCHES | st.lists(BRANCHES, max_size=3) | st.dictionaries(st.text(), BRANCHES, max_size=3)
YAML_LIKE = st.lists(
    st.sampled_from([*"abc:-[]{}&*#|>!%@`'\"\\,? \n\t", "<<", "&a", "*a", ": ", "- ", "\n  ", "---", "...", "!!str"])
).map("".join)


def only_problem(document: Document) -> str:
    assert document.data is None
    (problem,) = document.problems
    return str(problem)


def test_keys_and_items_know_their_lines() -> None:
    """Lines of keys, not of their values; of items, where they begin."""
    document = parse("a: 1\nb:\n  - x\n  -\n    c: 2\n", "f")
    assert document.data == {"a": 1, "b": ["x", {"c": 2}]}
    assert document.lines == {(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 5, ("b", 1, "c"): 5}


def test_a_key_that_is_not_written_has_the_line_of_what_holds_it() -> None:
    """So that a missing key can be told."""
    assert parse("a:\n  b:\n    c: 1\n", "f").line(("a", "b", "d", "e")) == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("on", "on"), ("true", True), ("~", None), ("", None), ("0o17", 15), ("0x1F", 31), ("-3", -3),
        ("010", 10), ("1e3", 1000.0), ("2024-01-01", "2024-01-01"), ("1:30", "1:30"), ("'5'", "5"), ("1_000", "1_000"),
        ("!!str 5", "5"), ("=", "="),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    """No `yes` that is true, no dates, no sexagesimal numbers."""
    document = parse(f"a: {text}\n", "f")
    assert document.data == {"a": value}
    assert type(document.data["a"]) is type(value)
    assert document.problems == ()


def test_keys_are_text() -> None:
    """A port number or `null` as a key is its own text."""
    assert parse("80: a\nnull: b\ntrue: c\n", "f").data == {"80": "a", "null": "b", "true": "c"}


def test_merge_keys_give_way_to_own_keys_and_keep_their_lines() -> None:
    """What is merged has the line where it is written."""
    document = parse("base: &b\n  x: 1\n  y: 2\nown:\n  <<: *b\n  y: 3\n", "f")
    assert document.data["own"] == {"x": 1, "y": 3}
    assert document.line(("own", "x")) == 2
    assert document.line(("own", "y")) == 6


def test_the_first_of_several_merged_mappings_wins() -> None:
    """YAML's own rule for `<<: [*a, *b]`."""
    document = parse("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*a, *b]\n", "f")
    assert document.data["c"] == {"x": 1, "y": 2}


def test_an_anchor_may_be_set_anew() -> None:
    """Legal YAML; the last one before the alias counts."""
    assert parse("a: &x 1\nb: &x 2\nc: *x\n", "f").data["c"] == 2


def test_every_duplicate_key_is_told_with_both_lines() -> None:
    """The first one is kept, so that the rest can be looked at."""
    document = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n", "f")
    assert document.data == {"a": 1, "b": {"c": 1}}
    assert sorted(map(str, document.problems)) == [
        "f:2: b.c: written twice, first at line 2",
        "f:3: a: written twice, first at line 1",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "f:1: this is not valid YAML: "),
        ("a: 'x\nb: c\n", "f:1: this is not valid YAML: found unexpected end of stream"),
        ("a: \x07", "f:1: there is a character here that YAML does not allow"),
        ("? [a]\n: b", "f:1: a key should be text, got a list or a mapping"),
        ("[" * 3000, "f: should be nested at most 40 deep, this is deeper"),
        ("a: &a [*a]", "f:1: should be nested at most 40 deep, this is deeper"),
        ('a: "\\UFFFFFFFF"', "f: this is not valid YAML"),
        ("x" * (MAX_BYTES + 1), "f: should be at most 512 KiB, this file is larger"),
    ],
)
def test_what_can_not_be_read_is_one_problem(text: str, said: str) -> None:
    """With the line to look at, where there is one."""
    document = parse(text, "f")
    assert only_problem(document).startswith(said)
    assert all(problem.hint for problem in document.problems)


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    """A billion laughs, through aliases and through merge keys."""
    lines = ["a0: &a0 {x: 1, y: 2}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert "should hold at most 20000 values" in only_problem(parse("\n".join(lines), "f"))
    merged = ["a0: &a0 {x: 1}"] + [f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert "should hold at most 20000 values" in only_problem(parse("\n".join(merged), "f"))


def test_files_that_are_no_text_are_told(tmp_path: Path) -> None:
    """Missing, a directory, not UTF-8, too large, a name that no file can have."""
    (tmp_path / "latin").write_bytes(b"a: 1\nb: \xe9\n")
    (tmp_path / "large").write_bytes(b"#" * (MAX_BYTES + 1))
    for name, said in [
        ("none", "there is no such file"),
        (".", "this is a directory, expected a file"),
        ("latin", "this is not UTF-8 text"),
        ("large", "should be at most 512 KiB, this file is larger"),
        ("a\0b", "can't be read: the name is not one a file can have"),
    ]:
        with pytest.raises(StackError) as caught:
            read(tmp_path / name)
        assert caught.value.problems[0].message == said
        assert caught.value.problems[0].hint
    with pytest.raises(StackError, match=r"latin:2: this is not UTF-8 text"):
        read(tmp_path / "latin")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    """With the system's own reason."""
    (tmp_path / "f").write_text("a: 1")
    (tmp_path / "f").chmod(0)
    with pytest.raises(StackError, match="can't be read: permission denied"):
        read(tmp_path / "f")


def test_a_byte_order_mark_is_not_part_of_the_first_key(tmp_path: Path) -> None:
    """Some editors write one."""
    (tmp_path / "f").write_bytes(b"\xef\xbb\xbfname: x\n")
    assert read(tmp_path / "f").data == {"name": "x"}


@given(YAML_LIKE | st.text())
def test_any_text_ends_in_data_or_in_problems(text: str) -> None:
    """Nothing else is ever raised, whatever somebody types."""
    document = parse(text, "f")
    assert document.file == "f"
    assert all(problem.message for problem in document.problems)


@given(JSON)
def test_what_is_written_is_read_back(value: object) -> None:
    """`dumps` and `parse` are inverses on plain data."""
    text = dumps({"value": value})
    if not any(c in text for c in "\x85\u2028\u2029"):
        assert parse(text, "f").data == {"value": value}
