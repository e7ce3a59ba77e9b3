"""Questions to the ledger: how much was used, by whom, of what, when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args

from fairlead.apps.hub.accounts.entries import COLUMNS, UNKNOWN, Row
from fairlead.apps.hub.accounts.stores import Ledger

Dimension = Literal["key", "team", "model", "provider", "target", "operation", "status", "day", "hour"]

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

SUMS = ("input", "output", "cached", "written", "reasoning", "cost_nano")


@dataclass(frozen=True, slots=True)
class Used:
    """What was used by one group. Tokens; money in nano-dollars."""

    group: dict[str, str | int | None]
    """Dimension -> its value; a day as `2026-11-21`, an hour (UTC) as `2026-11-21T13`."""
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
    most: int | None = None,
    skip: int = 0,
) -> list[Used]:
    """Sums for each group, in their order, at most so many after so many. Requests count by when they began.

    Raises `ValueError`, `StoreAway`.
    """
    names = [_dimension(name) for name in by]
    columns = [ledger.hour if name == "hour" else name for name in names]
    where, values = _where(since, until, only or {})
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in SUMS)
    counts = (
        f"count(*), sum(CASE WHEN status = {UNKNOWN} THEN 1 ELSE 0 END), sum(CASE WHEN estimated THEN 1 ELSE 0 END)"
    )
    places = ", ".join(str(place) for place in range(1, len(names) + 1))
    grouped = f"GROUP BY {places} ORDER BY {places}" if names else ""
    page = f"LIMIT {int(most)} OFFSET {int(skip)}" if most is not None else ""
    sql = f"SELECT {', '.join([*columns, counts, sums])} FROM hub_ledger {where} {grouped} {page}"  # noqa: S608 - checked names
    return [_used(names, row) for row in await ledger.query(sql, *values) if names or row[0]]


async def requests(
    ledger: Ledger,
    *,
    only: Mapping[Dimension, str | int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 100,
    skip: int = 0,
) -> list[Row]:
    """The latest requests, latest first. Raises `ValueError`, `StoreAway`."""
    where, values = _where(since, until, only or {})
    order = f"ORDER BY day DESC, started DESC, id LIMIT {int(most)} OFFSET {int(skip)}"
    sql = f"SELECT {', '.join(COLUMNS)} FROM hub_ledger {where} {order}"  # noqa: S608 - of numbers and names of columns
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
        if name == "hour":
            raise ValueError("only one hour: say since and until")
        conditions.append(f"{_dimension(name)} = ${len(values)}")
    return f"WHERE {' AND '.join(conditions)}" if conditions else "", values


def _days(moment: datetime) -> int:
    return int(moment.timestamp() // 86_400)


def _used(names: Sequence[str], row: Sequence[object]) -> Used:
    group = {name: _shown(name, value) for name, value in zip(names, row, strict=False)}
    return Used(group, *(int(Decimal(str(number))) for number in row[len(names) :]))


def _shown(name: str, value: object) -> str | int | None:
    if name == "day" and isinstance(value, int):
        return f"{datetime.fromtimestamp(value * 86_400, UTC):%Y-%m-%d}"
    if name == "hour" and isinstance(value, int):
        return f"{datetime.fromtimestamp(value * 3600, UTC):%Y-%m-%dT%H}"
    return value if value is None or isinstance(value, str | int) else str(value)
