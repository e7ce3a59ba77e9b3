"""Writes the built-in price table, src/fairlead/apps/hub/money/prices/, from the package `genai-prices`.

That package (Pydantic, MIT) is kept up to date from the vendors' own pages, with their addresses; it is needed to
write the table, not to read it: `pip install -U genai-prices && python tools/prices.py`. What it does not know stands
in `own.json`, which is written by hand.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "src/fairlead/apps/hub/money/prices"

PROVIDERS = {
    "anthropic": ["anthropic"],
    "aws": ["bedrock"],
    "azure": ["azure"],
    "cerebras": ["cerebras"],
    "cohere": ["cohere"],
    "deepseek": ["deepseek"],
    "fireworks": ["fireworks"],
    "google": ["gemini", "vertex"],
    "groq": ["groq"],
    "mistral": ["mistral"],
    "moonshotai": ["moonshot"],
    "openai": ["openai"],
    "perplexity": ["perplexity"],
    "together": ["together"],
    "x-ai": ["xai"],
}
"""Theirs, and ours. Azure's and Bedrock's prices are those of the United States; other regions may differ."""

RATES = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cached",
    "cache_write_mtok": "written",
    "cache_write_1h_mtok": "written_hour",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "audio_input",
    "output_audio_mtok": "audio_output",
    "input_image_mtok": "image_input",
    "output_image_mtok": "image_output",
    "cache_audio_read_mtok": "cached_audio",
    "cache_image_read_mtok": "cached_image",
}
UNITS = {
    "web_searches_kcount": ("searches", 1000),
    "requests_kcount": ("requests", 1000),
    "audio_hours": ("seconds", 3600),
    "input_audio_hours": ("seconds", 3600),
    "input_mchars": ("characters", 1_000_000),
    "input_document_kpages": ("pages", 1000),
}
TIERS = {
    "batch": {"processing": "batch"},
    "priority": {"service_tier": "priority"},
    "flex": {"service_tier": "flex"},
    "fast": {"service_tier": "fast"},
}
EMPTY: dict[str, Any] = {"usd": {}, "above": [], "each": {}}
LEAST = {("groq", "whisper-large-v3"): 10, ("groq", "whisper-large-v3-turbo"): 10}
"""Seconds that are billed at least (https://console.groq.com/docs/speech-to-text)."""

BESIDE: dict[tuple[str, str], dict[str, int]] = {
    ("openai", "gpt-4o-audio-preview"): {"audio_input": 40, "audio_output": 80},
    ("openai", "gpt-4o-mini-audio-preview"): {"audio_input": 10, "audio_output": 20},
}
"""Rates that the package leaves out: sound of models whose text it knows (https://platform.openai.com/docs/pricing)."""

FREE_FETCHES = {"anthropic"}
"""Who counts fetches of pages, which cost nothing beyond their tokens."""


def main() -> int:
    from genai_prices.data import providers

    today = datetime.now(UTC).date()
    version = metadata.version("genai-prices")
    for provider in providers:
        if provider.id in PROVIDERS:
            lines = list(_lines(provider, today))
            head = {"providers": PROVIDERS[provider.id], "checked": str(today), "sources": provider.pricing_urls}
            head["by_way_of"] = f"genai-prices {version}"
            opened = json.dumps(head, indent=1)[:-2]
            entries = ",\n  ".join(lines)
            (TARGET / f"{PROVIDERS[provider.id][0]}.json").write_text(f'{opened},\n "prices": [\n  {entries}\n ]\n}}\n')
    return 0


def _lines(provider: Any, today: date) -> Iterator[str]:
    for model in provider.models:
        patterns = sorted(set(_patterns(model.match)))
        for since, until in _periods(model, today):
            entry = _entry(provider.id, model, patterns, since, until)
            if entry is not None:
                yield json.dumps(entry, default=_number)


def _number(value: Decimal) -> float | int:
    """A decimal as the shortest number in JSON, which is the same decimal again when it is read."""
    number = float(value)
    if Decimal(repr(number)) != value:
        raise SystemExit(f"error: {value} can't be written as a number of JSON")
    return int(number) if number.is_integer() else number


def _patterns(clause: Any) -> Iterator[str]:
    kind = type(clause).__name__
    if kind == "ClauseOr":
        for one in clause.or_:
            yield from _patterns(one)
    elif kind == "ClauseAnd":
        yield from _patterns(clause.and_[0])
    elif kind == "ClauseRegex":
        yield (
            re.sub(r"\\d\{(\d+)\}", lambda m: "#" * int(m[1]), clause.regex)
            .replace("[-@]", "?")
            .replace("\\d", "#*")
            .strip("^$")
            .replace("\\.", ".")
        )
    else:
        yield {
            "ClauseEquals": "{}",
            "ClauseStartsWith": "{}*",
            "ClauseEndsWith": "*{}",
            "ClauseContains": "*{}*",
        }[kind].format(next(iter(vars(clause).values())))


def _periods(model: Any, today: date) -> Iterator[tuple[date | None, date]]:
    """Since when a price holds, and a day on which it does: today's, and those to come."""
    conditions = [one.constraint for one in model.prices] if isinstance(model.prices, list) else []
    conditions += [one.constraint for one in model.price_variants or ()]
    starts = sorted({one.start_date for one in conditions if hasattr(one, "start_date")})
    past = [start for start in starts if start <= today]
    yield (past[-1] if past else None), today
    for start in starts:
        if start > today:
            yield start, start


def _entry(provider: str, model: Any, patterns: list[str], since: date | None, day: date) -> dict[str, Any] | None:
    windows = [one.constraint for one in model.prices] if isinstance(model.prices, list) else []
    windows = [one for one in windows if hasattr(one, "start_time")]
    quiet = (
        next(
            moment
            for hour in range(24)
            if not any(one.active(moment := datetime.combine(day, time(hour), UTC)) for one in windows)
        )
        if windows
        else datetime.combine(day, time(12), UTC)
    )
    found = _table(model.get_prices(quiet), provider, model.id)
    if not found:
        return None
    entry: dict[str, Any] = {"models": patterns} | ({"since": str(since)} if since else {}) | found
    tiers = {}
    for name, context in TIERS.items():
        other = _table(model.get_prices(quiet, context), provider, model.id)
        if other != found:
            kinds = [key for key in EMPTY if other.get(key) != found.get(key)]
            tiers[name] = {key: other.get(key, EMPTY[key]) for key in kinds}
    if tiers:
        entry["tiers"] = tiers
    if windows:
        entry["hours"] = [
            {"from": f"{one.start_time:%H:%M}", "to": f"{one.end_time:%H:%M}"}
            | _table(model.get_prices(datetime.combine(day, one.start_time) + timedelta(minutes=1)), provider, model.id)
            for one in windows
        ]
    return entry


def _table(prices: Any, provider: str, model: str) -> dict[str, Any]:
    """USD per million tokens, those above some input, and USD for other units."""
    usd: dict[str, Any] = {}
    above: dict[int, dict[str, Any]] = {}
    each: dict[str, Any] = {}
    for name, value in vars(prices).items():
        if value is None:
            continue
        if name in RATES and hasattr(value, "tiers"):
            usd[RATES[name]] = value.base
            for tier in value.tiers:
                above.setdefault(tier.start, {})[RATES[name]] = tier.price
        elif name in RATES:
            usd[RATES[name]] = value
        elif name in UNITS:
            unit, per = UNITS[name]
            each[unit] = {"usd": value, "per": per}
            if (provider, model) in LEAST:
                each[unit]["least"] = LEAST[provider, model]
    usd |= BESIDE.get((provider, model), {}) if usd else {}
    if provider in FREE_FETCHES and usd:
        each["fetches"] = {"usd": Decimal(0), "per": 1}
    steps = [{"tokens": start, "usd": rates} for start, rates in sorted(above.items())]
    found = {"usd": usd, "above": steps, "each": each}
    return {key: value for key, value in found.items() if value}


if __name__ == "__main__":
    sys.exit(main())
