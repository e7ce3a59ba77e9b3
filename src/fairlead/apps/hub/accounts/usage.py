"""Questions to the ledger: how much was used, by whom, of what, when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from fairlead.apps.hub.accounts.entries import COLUMNS, UNKNOWN, Row
from fairlead.apps.hub.accounts.stores import Ledger

Dimension = Literal["key", "team", "model", "provider", "target", "operation", "status", "day"]

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

SUMS = ("input", "output", "cached", "written", "reasoning", "cost_nano")


@dataclass(frozen=True, slots=True)
class Used:
    """What was used by one group. Tokens; money in nano-dollars."""

    group: dict[str, str | int | None]
    """Dimension -> its value; a day as `2026-11-21`."""
    requests: int
    unknown: int
    """Of them those that a killed process had under way."""
    estimated: int
    """Of them those whose usage the provider did not tell."""
    input: int
    output: int
    cached: int
    written: int
    reasoning: int
    cost_nano: int


async def usage(
    ledger: Ledger,
    by: Sequence[Dimension] = ("key",),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    only: Mapping[Dimension, str | int] | None = None,
) -> list[Used]:
    """Sums for each group, in their order. Requests count by when they began. Raises `ValueError`, `StoreAway`."""
    names = [_dimension(name) for name in by]
    where, values = _where(since, until, only or {})
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in SUMS)
    counts = (
        f"count(*), sum(CASE WHEN status = {UNKNOWN} THEN 1 ELSE 0 END), sum(CASE WHEN estimated THEN 1 ELSE 0 END)"
    )
    grouped = f"GROUP BY {', '.join(names)} ORDER BY {', '.join(names)}" if names else ""
    sql = f"SELECT {', '.join([*names, counts, sums])} FROM hub_ledger {where} {grouped}"  # noqa: S608 - checked names
    return [_used(names, row) for row in await ledger.query(sql, *values) if names or row[0]]


async def requests(
    ledger: Ledger, *, only: Mapping[Dimension, str | int] | None = None, since: datetime | None = None, most: int = 100
) -> list[Row]:
    """The latest requests, latest first. Raises `ValueError`, `StoreAway`."""
    where, values = _where(since, None, only or {})
    sql = f"SELECT {', '.join(COLUMNS)} FROM hub_ledger {where} ORDER BY day DESC, started DESC LIMIT {int(most)}"  # noqa: S608
    return [Row(*row) for row in await ledger.query(sql, *values)]  # type: ignore[arg-type] # as the columns say


def _dimension(name: str) -> str:
    if name not in DIMENSIONS:
        raise ValueError(f"usage by {name}: expected one of {', '.join(DIMENSIONS)}")
    return name


def _where(
    since: datetime | None, until: datetime | None, only: Mapping[Dimension, str | int]
) -> tuple[str, list[object]]:
    """The days narrow the search by their index, the times within them exactly."""
    conditions, values = [], list[object]()
    for column, sign, moment in (("since", ">=", since), ("until", "<", until)):
        if moment is not None:
            values += [_days(moment + timedelta(days=column == "until")), moment.timestamp()]
            conditions.append(f"day {sign} ${len(values) - 1} AND started {sign} ${len(values)}")
    for name, value in only.items():
        values.append(_days(datetime.fromisoformat(f"{value}T00:00+00:00")) if name == "day" else value)
        conditions.append(f"{_dimension(name)} = ${len(values)}")
    return f"WHERE {' AND '.join(conditions)}" if conditions else "", values


def _days(moment: datetime) -> int:
    return int(moment.timestamp() // 86_400)


def _used(names: Sequence[str], row: Sequence[object]) -> Used:
    group = {name: _shown(name, value) for name, value in zip(names, row, strict=False)}
    return Used(group, *(int(str(number)) for number in row[len(names) :]))


def _shown(name: str, value: object) -> str | int | None:
    if name == "day" and isinstance(value, int):
        return f"{datetime.fromtimestamp(value * 86_400, UTC):%Y-%m-%d}"
    return value if value is None or isinstance(value, str | int) else str(value)
