"""Rates made ready for sums: integers over a common denominator, for each tier and each range of input.

A rate of 0.0375 USD for a million tokens is 37.5 nano-dollars for one, so all rates of a model are brought to a common
denominator first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from fairlead.apps.hub.money.entries import Each, Rates, Tariff, Tier

NANO_PER_TOKEN = 1000
"""One USD for a million tokens, in nano-dollars for one."""

NANO = 1_000_000_000

KINDS = tuple(Rates.model_fields)
FALLBACKS = {
    "cached": "input",
    "written": "input",
    "written_hour": "written",
    "reasoning": "output",
    "audio_input": "input",
    "audio_output": "output",
    "image_input": "input",
    "image_output": "output",
}
"""In this order: what a fallback falls back to is known by then."""

ORDINARY = frozenset({"default", "standard", "auto", "on_demand", "on-demand", "none", ""})
"""What providers call the tier that has no name."""

_Nano = dict[str, Fraction]


class Charges:
    """Integers over the common denominator, for requests with up to `limit` tokens of input."""

    __slots__ = ("beyond", "blank", "limit", *KINDS)

    input: int
    output: int
    cached: int
    written: int
    written_hour: int
    reasoning: int
    audio_input: int
    audio_output: int
    image_input: int
    image_output: int
    cached_audio: int
    cached_image: int

    def __init__(self, nano: _Nano, scale: int, blank: frozenset[str]) -> None:
        for kind in KINDS:
            setattr(self, kind, _whole(nano[kind] * scale))
        self.limit = sys.maxsize
        self.beyond = self
        self.blank = blank
        """`input` or `output`, where nothing is known about them."""


class Plan:
    """What one tier charges."""

    __slots__ = ("each", "first", "request")

    def __init__(self, first: Charges, each: Mapping[str, tuple[Fraction, Fraction]], request: int) -> None:
        self.first = first
        self.each = each
        """Of a unit: nano-dollars for one (over the denominator), and how many are billed at least."""
        self.request = request
        """For every answer."""


class Draft:
    """A tier before its numbers are brought to the common denominator."""

    def __init__(self, steps: Sequence[tuple[int, _Nano, frozenset[str]]], each: Mapping[str, Each]) -> None:
        self.steps = steps
        self.each = {name: (Fraction(one.usd) * NANO / one.per, Fraction(one.least)) for name, one in each.items()}

    @property
    def blank(self) -> bool:
        """Whether nothing is known of some kind of tokens."""
        return any(blank for _, _, blank in self.steps)

    def parts(self) -> Iterable[Fraction]:
        for _, nano, _ in self.steps:
            yield from nano.values()
        if "requests" in self.each:
            yield self.each["requests"][0]

    def plan(self, scale: int) -> Plan:
        chain = [Charges(nano, scale, blank) for _, nano, blank in self.steps]
        for charges, beyond, (above, _, _) in zip(chain, chain[1:], self.steps[1:], strict=False):
            charges.limit, charges.beyond = above, beyond
        each = {name: (rate * scale, least) for name, (rate, least) in self.each.items()}
        request = _whole(each["requests"][0]) if "requests" in each else 0
        return Plan(chain[0], each, request)


def drafted(ordinary: Tariff, tier: Tier) -> Draft:
    base = ordinary.usd if tier.usd is None else tier.usd
    above = ordinary.above if tier.above is None else tier.above
    factor = Fraction(tier.factor)
    steps = [(0, *_nano(base, factor))]
    for step in sorted(above, key=lambda step: step.tokens):
        said = {kind: rate for kind, rate in step.usd if rate is not None}
        steps.append((step.tokens, *_nano(base.model_copy(update=said), factor)))
    return Draft(steps, ordinary.each if tier.each is None else tier.each)


def _nano(rates: Rates, factor: Fraction) -> tuple[_Nano, frozenset[str]]:
    """Nano-dollars for a token of every kind."""
    said = {kind: Fraction(rate) * NANO_PER_TOKEN * factor for kind, rate in rates if rate is not None}
    blank = frozenset(kind for kind in ("input", "output") if kind not in said)
    found = {kind: said.get(kind, Fraction(0)) for kind in ("input", "output")}
    for kind, other in FALLBACKS.items():
        found[kind] = said.get(kind, found[other])
    for kind, cached in (("audio_input", "cached_audio"), ("image_input", "cached_image")):
        found[cached] = said.get(cached, found["cached"] if kind not in said else found[kind])
    return found, blank


def ceilings(plans: Iterable[Plan]) -> list[tuple[int, int, int]]:
    """Above so much input, the dearest rates that there can be."""
    steps: list[tuple[int, Charges]] = []
    for plan in plans:
        above, charges = -1, plan.first
        while True:
            steps.append((above, charges))
            if charges.beyond is charges:
                break
            above, charges = charges.limit, charges.beyond
    found, asked, given = [], 0, 0
    for above, charges in sorted(steps, key=lambda step: step[0]):
        asked = max(asked, *(getattr(charges, kind) for kind in KINDS if not _is_output(kind)))
        given = max(given, *(getattr(charges, kind) for kind in KINDS if _is_output(kind)))
        found.append((above, asked, given))
    return found


def _is_output(kind: str) -> bool:
    return kind in ("output", "reasoning", "audio_output", "image_output")


def _whole(value: Fraction) -> int:
    whole, rest = divmod(value.numerator, value.denominator)
    if rest:
        raise AssertionError("the denominator is common to all rates")
    return whole
