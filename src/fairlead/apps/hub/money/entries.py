"""The words of a price file: what a vendor's page says about a model, as data.

The built-in table and a file of one's own (`prices:` in the hub's configuration) are written in the same words:

    providers: [openai]
    sources: [https://openai.com/api/pricing/]
    prices:
      - models: ["gpt-4o-2024-*"]
        since: 2024-10-02
        usd: {input: 2.5, cached: 1.25, output: 10}
        tiers: {batch: {factor: 0.5}}
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator, model_validator

from fairlead.apps.hub.config import Part

Usd = Annotated[Decimal, Field(ge=0, allow_inf_nan=False, le=1_000_000)]
Name = Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True, min_length=1)]


class Rates(Part):
    """USD for a million tokens. A kind that is left out costs what its tokens cost as ordinary input or output."""

    input: Usd | None = None
    output: Usd | None = None
    cached: Usd | None = None
    """Input that was read from the provider's cache."""
    written: Usd | None = None
    """Input that was written to it, to be kept for minutes."""
    written_hour: Usd | None = None
    """The same, to be kept for an hour; as `written` when left out."""
    reasoning: Usd | None = None
    audio_input: Usd | None = None
    audio_output: Usd | None = None
    image_input: Usd | None = None
    image_output: Usd | None = None
    cached_audio: Usd | None = None
    cached_image: Usd | None = None


class Step(Part):
    """Rates for all tokens of a request with more input than `tokens` (cached and written ones count)."""

    tokens: int = Field(gt=0)
    usd: Rates


class Each(Part):
    """What is billed by another measure than tokens."""

    usd: Usd
    per: int = Field(default=1, gt=0)
    """For so many of them."""
    least: Usd = Decimal(0)
    """So many are billed at least, when there are any."""


class Tariff(Part):
    """All that is charged at one time in one service tier."""

    usd: Rates = Rates()
    above: list[Step] = Field(default_factory=list)
    each: dict[Name, Each] = Field(default_factory=dict)
    """By `searches`, `seconds` of sound, `characters`, `images`; `requests` are charged for every answer."""


class Tier(Part):
    """What another service tier charges: what is given replaces what stands in the entry, then comes the factor."""

    usd: Rates | None = None
    above: list[Step] | None = None
    each: dict[Name, Each] | None = None
    factor: Usd = Decimal(1)
    """Of the rates of tokens; 0.5 is half of them."""


class Hours(Part):
    """What is charged instead in some hours of each day (UTC), in every tier; what is left out stays."""

    from_: time = Field(alias="from")
    to: time
    """Not part of them; where it is earlier than `from`, they end on the next day."""
    usd: Rates | None = None
    above: list[Step] | None = None
    each: dict[Name, Each] | None = None


class Entry(Tariff):
    """The price of some models of some providers, from a day on."""

    providers: list[Name] = Field(default_factory=list)
    """The kinds of providers; those of the file when left out."""
    models: list[Name] = Field(min_length=1)
    """Names as the provider knows them. `*` stands for anything, `?` for one character, `#` for one digit."""
    since: date | None = None
    """The first day (UTC); left out, it holds up to the next entry with a day."""
    source: str | None = None
    """The vendor's page; those of the file when left out."""
    tiers: dict[Name, Tier] = Field(default_factory=dict)
    """`batch`, `priority`, `flex`, …, as providers report them."""
    hours: list[Hours] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_something(self) -> Entry:
        if self.usd == Rates() and not self.each:
            raise ValueError("has neither `usd` nor `each`")
        return self


class Prices(Part):
    """A file."""

    providers: list[Name] = Field(default_factory=list)
    checked: date | None = None
    """When it was last compared with the vendors' pages."""
    sources: list[str] = Field(default_factory=list)
    by_way_of: str | None = None
    prices: list[Entry]

    @field_validator("prices")
    @classmethod
    def _dated_once(cls, entries: list[Entry]) -> list[Entry]:
        seen: set[tuple[str, tuple[str, ...], date | None]] = set()
        for entry in entries:
            for model in entry.models:
                key = model, tuple(sorted(entry.providers)), entry.since
                if key in seen:
                    raise ValueError(f"the price of {model} is given twice for the same day")
                seen.add(key)
        return entries

    @model_validator(mode="after")
    def _for_somebody(self) -> Prices:
        if not self.providers and any(not entry.providers for entry in self.prices):
            raise ValueError("neither the file nor each entry says whose prices they are: `providers`")
        return self
