"""The arithmetic of a bill: whole numbers, prepared from the rates, rounded once.

A rate of 0.0375 USD for a million tokens is 37.5 nano-dollars for one, so all rates of a model are brought to a common
denominator first; a cost is then a sum of products of integers and one division, half of a nano-dollar rounded up.

What a vendor's page leaves open is read so that no bill comes out too low:

- The cached ones among tokens of several kinds are taken for text first, then for images, then for sound (a provider
  tells how many were cached, not of which kind).
- Tokens of a kind without a rate of its own cost what ordinary input or output costs; cached sound and images cost what
  they cost uncached where they have a rate, and no rate for cached ones is known.
- A tier that is not in the table is charged as the ordinary one, and the price says that it does not know it (`lacks`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from fairlead.apps.hub.calls import Usage
from fairlead.apps.hub.money.charges import ORDINARY, Charges, Plan, ceilings, drafted
from fairlead.apps.hub.money.entries import Tariff, Tier


class Bill:
    """Everything that is charged at one time, prepared."""

    __slots__ = ("_blank", "_ceilings", "_half", "_plain", "_request", "_scale", "_tiers")

    def __init__(self, ordinary: Tariff, tiers: Mapping[str, Tier]) -> None:
        drafts = {"": drafted(ordinary, Tier())} | {name: drafted(ordinary, tier) for name, tier in tiers.items()}
        self._scale = 2 * math.lcm(*(part.denominator for draft in drafts.values() for part in draft.parts()))
        self._half = self._scale // 2
        plans = {name: draft.plan(self._scale) for name, draft in drafts.items()}
        self._plain = plans.pop("")
        self._tiers = plans
        self._blank = any(draft.blank for draft in drafts.values())
        self._request = max(plan.request for plan in (self._plain, *plans.values()))
        self._ceilings = ceilings([self._plain, *plans.values()])

    def cost(self, usage: Usage) -> int:
        """Nano-dollars, of as much of it as there is a price for."""
        plan = self._plain if usage.tier is None else self._tiers.get(usage.tier, self._plain)
        charges = plan.first
        asked, given, cached, written = usage.input, usage.output, usage.cached, usage.written
        while asked > charges.limit:
            charges = charges.beyond
        fresh = asked - cached - written
        if (
            fresh < 0
            or usage.units
            or usage.audio_input
            or usage.image_input
            or usage.audio_output
            or usage.image_output
            or usage.reasoning > given
            or usage.written_hour > written
        ):
            return self._at_length(plan, charges, usage)
        total = plan.request + fresh * charges.input + given * charges.output
        if cached:
            total += cached * charges.cached
        if written:
            total += (written - usage.written_hour) * charges.written + usage.written_hour * charges.written_hour
        if usage.reasoning:
            total += usage.reasoning * (charges.reasoning - charges.output)
        return (total + self._half) // self._scale

    def most(self, asked: int, output: int) -> int:
        """No usage with so many tokens costs more, in whatever tier, cached or written, said or shown."""
        for_input = for_output = 0
        for above, dearest_input, dearest_output in self._ceilings:
            if asked <= above:
                break
            for_input, for_output = dearest_input, dearest_output
        return -((-for_input * asked - for_output * output - self._request) // self._scale)

    def lacks(self, usage: Usage) -> Sequence[str]:
        """What of a usage has no price."""
        if usage.tier is None and not usage.units and not self._blank:
            return ()
        plan = self._plain if usage.tier is None else self._tiers.get(usage.tier, self._plain)
        charges = plan.first
        while usage.input > charges.limit:
            charges = charges.beyond
        missing = [f"{kind} tokens" for kind in sorted(charges.blank) if getattr(usage, kind)]
        missing += [name for name, count in usage.units.items() if count and name not in plan.each]
        if usage.tier is not None and usage.tier not in self._tiers and usage.tier.lower() not in ORDINARY:
            missing.append(f"tier {usage.tier}")
        return missing

    def _at_length(self, plan: Plan, charges: Charges, usage: Usage) -> int:
        total = Fraction(plan.request + _input(charges, usage) + _output(charges, usage))
        for name, count in usage.units.items():
            if count and name in plan.each and name != "requests":
                rate, least = plan.each[name]
                total += rate * max(Fraction(repr(count)), least)
        return math.floor((total + self._half) / self._scale)


def _input(charges: Charges, usage: Usage) -> int:
    """Tokens are counted once each, also where the counts of kinds overlap."""
    image = min(usage.image_input, usage.input)
    audio = min(usage.audio_input, usage.input - image)
    text = usage.input - image - audio
    cached = min(usage.cached, usage.input)
    written = min(usage.written, usage.input - cached)
    hour = min(usage.written_hour, written)
    of_text, of_image, of_audio = _spread(cached, text, image, audio)
    text, image, audio = text - of_text, image - of_image, audio - of_audio
    left = [
        count - taken for count, taken in zip((text, image, audio), _spread(written, text, image, audio), strict=True)
    ]
    return (
        of_text * charges.cached
        + of_image * charges.cached_image
        + of_audio * charges.cached_audio
        + (written - hour) * charges.written
        + hour * charges.written_hour
        + left[0] * charges.input
        + left[1] * charges.image_input
        + left[2] * charges.audio_input
    )


def _output(charges: Charges, usage: Usage) -> int:
    image = min(usage.image_output, usage.output)
    audio = min(usage.audio_output, usage.output - image)
    reasoning = min(usage.reasoning, usage.output - image - audio)
    text = usage.output - image - audio - reasoning
    return (
        text * charges.output
        + reasoning * charges.reasoning
        + image * charges.image_output
        + audio * charges.audio_output
    )


def _spread(count: int, *rooms: int) -> list[int]:
    """So many into rooms of that size, the first one first."""
    taken = []
    for room in rooms:
        taken.append(min(count, room))
        count -= taken[-1]
    return taken
