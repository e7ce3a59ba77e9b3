"""How a request ended, as plain data: what the log has a line of, what the stream of events tells, what a trace holds.

It is made for every request, in a microsecond, and written as JSON beside. No key, no prompt, no answer is in it; only
the log adds the request, where the configuration says so.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec

from fairlead.apps.hub.accounts.entries import LONGEST
from fairlead.apps.hub.accounts.keys import Account
from fairlead.apps.hub.calls import Failure, Usage
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.shapes import Place

NANO = 1_000_000_000


class Outcome(msgspec.Struct, omit_defaults=True, gc=False):
    """Of one request. Times are seconds; what is empty or 0 is left out where it is written."""

    seq: int
    """Its number in this process."""
    started: float
    """Seconds since 1970."""
    latency_s: float
    """To the last byte."""
    status: int
    operation: str
    id: str = ""
    """The request's, as the client and the ledger know it; one that was turned away has none."""
    key: str = ""
    """The name of the key."""
    team: str | None = None
    model: str = ""
    """As the client named it."""
    route: str = ""
    provider: str = ""
    """Who answered, or was asked last, as configured."""
    target: str = ""
    """The model as the provider names it."""
    protocol: str = ""
    """The client's."""
    stream: bool = False
    first_token_s: float | None = None
    between_tokens_s: float | None = None
    """For each token after the first, the mean; of streams."""
    pieces: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    written_tokens: int = 0
    reasoning_tokens: int = 0
    audio_input_tokens: int = 0
    audio_output_tokens: int = 0
    image_input_tokens: int = 0
    image_output_tokens: int = 0
    units: Mapping[str, float] = {}
    """What is billed by other measures."""
    estimated: bool = False
    cost_usd: float = 0.0
    cost_nanousd: int = 0
    """The same, exact."""
    unpriced: bool = False
    """Something of it has no known price."""
    cache: str = ""
    """Where in the hub the answer was from: `memory`, `redis`, `semantic`, `shared`, `estimate`."""
    attempts: int = 0
    fell_back: bool = False
    hedged: bool = False
    failure: str = ""
    """The kind of the failure."""
    failed_provider: str = ""
    """Whose it was, where a provider's."""
    found: tuple[str, ...] = ()
    """Rules of the guard by which there was a secret in the prompt."""


def outcome(flight: Flight, seq: int) -> Outcome:
    """Of a flight that has ended. Made at once, field by field in their order: a field that is set later costs more."""
    asked, account, failure = flight.asked, flight.account, flight.failure
    began, first, stream, cached = flight.began, flight.first_at, asked.stream, flight.cached
    target = None if cached else flight.target
    usage, cost = flight.usage or _NOTHING, flight.cost_nano if flight.usage is not None else 0
    return Outcome(
        seq, flight.started, flight.ended - began, flight.status, asked.operation, flight.id, account.name,
        account.team, asked.model[:LONGEST], flight.route.label[:LONGEST],
        "" if target is None else target.host.name, "" if target is None else target.model[:LONGEST],
        flight.shape.name, stream, None if first is None else first - began,
        _between(flight, usage) if stream else None, flight.pieces if stream else 0,
        usage.input, usage.output, usage.cached, usage.written, usage.reasoning,
        usage.audio_input, usage.audio_output, usage.image_input, usage.image_output, usage.units, usage.estimated,
        cost / NANO, cost, bool(flight.unpriced), (flight.source or "hub") if cached else "",
        flight.asks, flight.fell_back, flight.hedged,
        "" if failure is None else failure.kind, "" if failure is None else failure.provider or "",
        tuple(one.rule for one in flight.findings) if flight.findings else (),
    )  # fmt: skip


def turned_away(failure: Failure, account: Account | None, place: Place | None, seq: int) -> Outcome:
    """Of a request that did not begin."""
    made = Outcome(seq, time.time(), 0.0, failure.status, place.operation if place is not None else "")
    made.failure = failure.kind
    if account is not None:
        made.key, made.team = account.name, account.team
    return made


def _between(flight: Flight, usage: Usage) -> float | None:
    """For each token after the first."""
    if flight.first_at is None or usage.output <= 1:
        return None
    return (flight.ended - flight.first_at) / (usage.output - 1)


_NOTHING = Usage()
