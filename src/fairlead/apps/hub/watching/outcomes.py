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
from fairlead.apps.hub.calls import Failure
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
    """Of a flight that has ended."""
    asked, account, target, failure = flight.asked, flight.account, flight.target, flight.failure
    began, first, ended = flight.began, flight.first_at, flight.ended
    made = Outcome(
        seq, flight.started, ended - began, flight.status, asked.operation, flight.id, account.name, account.team,
        asked.model[:LONGEST], flight.route.label[:LONGEST],
    )  # fmt: skip
    made.protocol = flight.shape.name
    made.attempts = flight.asks
    if flight.cached:
        made.cache = flight.source or "hub"
    elif target is not None:
        made.provider, made.target = target.host.name, target.model[:LONGEST]
    if first is not None:
        made.first_token_s = first - began
    if asked.stream:
        made.stream, made.pieces = True, flight.pieces
    if flight.usage is not None:
        _use(made, flight)
    if failure is not None:
        made.failure, made.failed_provider = failure.kind, failure.provider or ""
    if flight.findings:
        made.found = tuple(one.rule for one in flight.findings)
    if flight.asks > 1:
        made.fell_back, made.hedged = flight.fell_back, flight.hedged
    return made


def turned_away(failure: Failure, account: Account | None, place: Place | None, seq: int) -> Outcome:
    """Of a request that did not begin."""
    made = Outcome(seq, time.time(), 0.0, failure.status, place.operation if place is not None else "")
    made.failure = failure.kind
    if account is not None:
        made.key, made.team = account.name, account.team
    return made


def _use(made: Outcome, flight: Flight) -> None:
    """Its tokens, and what they cost; those of an answer from the cache are told, and cost nothing."""
    usage = flight.usage
    if usage is None:
        return
    made.input_tokens, made.output_tokens, made.cached_tokens = usage.input, usage.output, usage.cached
    made.written_tokens, made.reasoning_tokens = usage.written, usage.reasoning
    made.audio_input_tokens, made.audio_output_tokens = usage.audio_input, usage.audio_output
    made.image_input_tokens, made.image_output_tokens = usage.image_input, usage.image_output
    made.estimated, made.units = usage.estimated, usage.units
    if cost := flight.cost_nano:
        made.cost_nanousd, made.cost_usd = cost, cost / NANO
    if flight.unpriced:
        made.unpriced = True
    if made.stream and flight.first_at is not None and usage.output > 1:
        made.between_tokens_s = (flight.ended - flight.first_at) / (usage.output - 1)
