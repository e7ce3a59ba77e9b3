"""What was used, from the ledger: sums by whatever is asked for, and single requests. Never a prompt or an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from fairlead.apps.hub.accounts import usage as ledger
from fairlead.apps.hub.accounts.entries import COLUMNS, Row
from fairlead.apps.hub.accounts.limits import NANO
from fairlead.apps.hub.accounts.usage import DIMENSIONS, Dimension
from fairlead.apps.hub.pages.asking import Asked, Form
from fairlead.apps.hub.pages.endpoints import Endpoint
from fairlead.apps.hub.pages.forms import moment
from fairlead.apps.hub.state import Hub
from fairlead.kit import quantity

MOST = 1000
"""Groups or requests on one page."""
USUAL = timedelta(days=30)
"""How far back is looked where nobody says: a ledger of years is not read by accident."""


def _dimensions(value: object) -> object:
    return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value


def _instant(value: object) -> object:
    """A time, a day, or how long ago."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.now(UTC) - timedelta(seconds=quantity.parse_duration(value))
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            "expected a time such as `2030-01-31T12:00:00Z`, a day, or how long ago: `24h`, `7d`"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


Instant = Annotated[
    datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "examples": ["2030-01-31T00:00:00Z", "7d"]})
]
"""A time or a day (in UTC where it names no zone), or how long ago."""

Listed = Annotated[
    list[Dimension],
    BeforeValidator(_dimensions),
    WithJsonSchema({"type": "string", "examples": ["key,day"], "pattern": f"^({'|'.join(DIMENSIONS)})(,\\w+)*$"}),
]
"""Names with commas between them."""

Usd = Annotated[float, PlainSerializer(lambda value: round(value, 9), return_type=float)]


class Narrowed(Form):
    """Which requests."""

    since: Instant | None = None
    """The first moment; 30 days ago when left out."""
    until: Instant | None = None
    """The moment after the last."""
    key: str | None = None
    team: str | None = None
    model: str | None = None
    provider: str | None = None
    limit: int = Field(default=100, ge=1, le=MOST)
    """On one page."""
    after: int = Field(default=0, ge=0)
    """As the page before said in `next`."""


class UsageAsked(Narrowed):
    """Sums of which requests, by what."""

    by: Listed = Field(default=["key"], json_schema_extra={"default": "key"})
    """`key`, `team`, `model`, `provider`, `target`, `operation`, `status`, `day`, `hour`: several with commas."""


class UsedShown(Form):
    """What one group used. Tokens; money in USD."""

    group: dict[str, str | int | None]
    requests: int
    unknown: int
    """Of them those that a killed hub had under way."""
    estimated: int
    """Of them those whose usage the provider did not tell."""
    input: int
    output: int
    cached: int
    written: int
    reasoning: int
    cost_usd: Usd


class UsageShown(Form):
    """A page of groups, in their order."""

    since: str
    until: str | None = None
    usage: list[UsedShown]
    next: int | None = None
    """Ask with `after` this for the next page."""


class RequestShown(Form):
    """One request, as the ledger has it."""

    id: str
    key: str
    team: str | None
    model: str
    provider: str
    target: str
    """The model as the provider names it."""
    operation: str
    status: int
    """0: a killed hub had it under way."""
    started: str | None
    first_s: float | None
    """Seconds to the first token."""
    seconds: float
    input: int
    output: int
    cached: int
    written: int
    reasoning: int
    more: str | None
    """Rarer figures, as JSON."""
    cost_usd: Usd
    estimated: bool


class RequestsShown(Form):
    """A page of requests, the latest first."""

    requests: list[RequestShown]
    next: int | None = None
    """Ask with `after` this for the next page."""


async def used(hub: Hub, asked: Asked) -> UsageShown:
    """Sums."""
    query: UsageAsked = asked.query
    since = query.since or datetime.now(UTC) - USUAL
    found = await ledger.usage(
        hub.office.store,
        query.by,
        since=since,
        until=query.until,
        only=_only(query),
        most=query.limit + 1,
        skip=query.after,
    )
    return UsageShown(
        since=moment(since.timestamp()) or "",
        until=None if query.until is None else moment(query.until.timestamp()),
        usage=[_used(one) for one in found[: query.limit]],
        next=_next(query, len(found)),
    )


async def requested(hub: Hub, asked: Asked) -> RequestsShown:
    """Single ones."""
    query: Narrowed = asked.query
    since = query.since or datetime.now(UTC) - USUAL
    found = await ledger.requests(
        hub.office.store, only=_only(query), since=since, until=query.until, most=query.limit + 1, skip=query.after
    )
    return RequestsShown(requests=[_request(row) for row in found[: query.limit]], next=_next(query, len(found)))


def _only(query: Narrowed) -> dict[Dimension, str | int]:
    names: tuple[Dimension, ...] = ("key", "team", "model", "provider")
    return {name: value for name in names if (value := getattr(query, name)) is not None}


def _next(query: Narrowed, found: int) -> int | None:
    return query.after + query.limit if found > query.limit else None


def _used(one: ledger.Used) -> UsedShown:
    figures = {name: getattr(one, name) for name in UsedShown.model_fields if name != "cost_usd"}
    return UsedShown(**figures, cost_usd=one.cost_nano / NANO)


def _request(row: Row) -> RequestShown:
    same = {name: getattr(row, name) for name in RequestShown.model_fields if name in SAME}
    first = None if row.first is None else round(row.first - row.started, 6)
    return RequestShown(
        **same,
        started=moment(row.started),
        first_s=first,
        seconds=round(row.ended - row.started, 6),
        cost_usd=row.cost_nano / NANO,
    )


SAME = frozenset(COLUMNS) - {"started", "first", "ended", "cost_nano", "digest", "day"}
"""Fields that are shown as they are kept."""

ENDPOINTS = (
    Endpoint(
        "GET", "/admin/usage", "Sum up what was used", used, UsageShown, "Usage", query=UsageAsked,
        words="From the ledger, which has every request about a second after its end.",
    ),
    Endpoint("GET", "/admin/requests", "List requests", requested, RequestsShown, "Usage", query=Narrowed),
)  # fmt: skip
