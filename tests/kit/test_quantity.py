"""Quantities: each way of writing one is read and written back, and what is no quantity is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.kit import quantity as q

PAIRS: dict[str, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    "duration": (q.parse_duration, q.format_duration),
    "size": (q.parse_size, q.format_size),
    "cpu": (q.parse_cpu, q.format_cpu),
    "percent": (q.parse_percent, q.format_percent),
    "rate": (q.parse_rate, q.format_rate),
    "money": (q.parse_money, q.format_money),
}
NUMBERS = st.decimals(min_value=0, max_value=10**6, places=4).map(lambda number: f"{number:f}")


@pytest.mark.parametrize(
    ("kind", "text", "value", "written"),
    [
        ("duration", "90s", 90.0, "1m30s"),
        ("duration", "1h30m", 5400.0, "1h30m"),
        ("duration", "250ms", 0.25, "250ms"),
        ("duration", "205ms", 0.205, "205ms"),
        ("duration", "2w", 14 * 86400.0, "14d"),
        ("duration", "0s", 0.0, "0s"),
        ("duration", "0.5ms", 0.0005, "0.0005s"),
        ("size", "512Mi", 512 * 2**20, "512Mi"),
        ("size", "1.5Gi", 1536 * 2**20, "1536Mi"),
        ("size", "10G", 10**10, "10G"),
        ("size", "1500B", 1500, "1500B"),
        ("cpu", "250m", 0.25, "250m"),
        ("cpu", "1.5", 1.5, "1500m"),
        ("cpu", "2", 2.0, "2"),
        ("cpu", "0.0001", 0.0001, "0.0001"),
        ("percent", "99.95%", 99.95, "99.95%"),
        ("percent", "70 %", 70.0, "70%"),
        ("rate", "100/s", (100, 1.0), "100/s"),
        ("rate", "10/30s", (10, 30.0), "10/30s"),
        ("rate", "600 / m", (600, 60.0), "600/m"),
        ("money", "$0.02", 0.02, "$0.02"),
        ("money", "$1,200", 1200.0, "$1200"),
        ("money", "2958 USD", 2958.0, "$2958"),
    ],
)
def test_a_quantity_is_read_and_written(kind: str, text: str, value: object, written: str) -> None:
    """In the unit that its function names, and in the shortest way back."""
    parse, show = PAIRS[kind]
    assert parse(text) == pytest.approx(value)
    assert show(parse(text)) == written


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("duration", "30"), ("duration", "s"), ("duration", ""), ("duration", "1 hour"), ("duration", "-5s"),
        ("duration", "1m x"), ("size", "512"), ("size", "512MB"), ("size", "Mi"), ("cpu", "1 core"), ("cpu", "-1"),
        ("percent", "70"), ("percent", "%"), ("rate", "100"), ("rate", "/s"), ("rate", "a/s"), ("rate", "1/x"),
        ("money", "5"), ("money", "5 EUR"), ("money", "$"), ("duration", "\u0663s"), ("rate", "\u00b2/s"),
        ("duration", "9" * 400 + "s"), ("size", "9" * 400 + "Ti"), ("cpu", "9" * 400), ("rate", "9" * 5000 + "/s"),
    ],
)  # fmt: skip
def test_what_is_no_quantity_is_refused_with_what_was_expected(kind: str, text: str) -> None:
    """A bare number is refused wherever a unit could be meant in two ways."""
    with pytest.raises(ValueError, match=r"^expected "):
        PAIRS[kind][0](text)


@given(st.sampled_from(sorted(PAIRS)), NUMBERS, st.sampled_from(["ms", "s", "m", "h", "d", "Ki", "M", "Gi"]))
def test_what_is_read_comes_back_the_same(kind: str, number: str, unit: str) -> None:
    """`parse(format(parse(x))) == parse(x)`, to the last digit."""
    text = {
        "duration": number + (unit if unit in ("ms", "s", "m", "h", "d") else "s"),
        "size": number + (unit if unit in ("Ki", "M", "Gi") else "B"),
        "cpu": number,
        "percent": f"{number}%",
        "rate": f"{number.partition('.')[0]}/{number}s",
        "money": f"${number}",
    }[kind]
    parse, show = PAIRS[kind]
    value = parse(text)
    assert parse(show(value)) == value


@given(st.sampled_from(sorted(PAIRS)), st.text(max_size=20))
def test_any_text_is_a_quantity_or_a_value_error(kind: str, text: str) -> None:
    """No other error ever comes out."""
    parse, show = PAIRS[kind]
    with contextlib.suppress(ValueError):
        value = parse(text)
        assert parse(show(value)) == value
