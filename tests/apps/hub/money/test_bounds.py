"""What holds for every price and every usage."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from fairlead.apps.hub.calls import Usage
from fairlead.apps.hub.money.cost import Price, estimate
from fairlead.apps.hub.money.entries import Entry, Rates, Step, Tier

usd = st.decimals(min_value=0, max_value=200, places=6)
rates = st.builds(
    Rates,
    input=usd,
    output=usd,
    **{name: st.none() | usd for name in Rates.model_fields if name not in ("input", "output")},
)
tiers = st.builds(Tier, factor=st.decimals(min_value=0, max_value=3, places=3), usd=st.none() | rates)
steps = st.lists(st.builds(Step, tokens=st.integers(1, 300_000), usd=rates), max_size=2)
entries = st.builds(
    Entry,
    models=st.just(["m"]),
    usd=rates,
    above=steps,
    tiers=st.dictionaries(st.sampled_from(["batch", "priority"]), tiers, max_size=2),
)
tokens = st.integers(0, 400_000)
usages = st.builds(
    Usage,
    **dict.fromkeys(("input", "output", "cached", "written", "written_hour", "reasoning"), tokens),
    **{name: st.just(0) | tokens for name in ("audio_input", "audio_output", "image_input", "image_output")},
    tier=st.sampled_from([None, "batch", "priority", "default"]),
)


@given(entries, usages)
def test_no_answer_costs_more_than_was_reserved_for_its_tokens(entry: Entry, usage: Usage) -> None:
    """Whatever was cached, written, said or shown, in whichever tier; also where counts contradict each other."""
    price = Price([entry])

    assert 0 <= price.cost(usage) <= estimate(price, usage.input, usage.output)


@given(entries, tokens, tokens, tokens)
def test_more_is_reserved_for_more(entry: Entry, asked: int, output: int, more: int) -> None:
    """A longer prompt, or a longer answer, never needs less."""
    price = Price([entry])

    assert price.most(asked, output) <= price.most(asked + more, output) <= price.most(asked + more, output + more)


@given(rates, tokens, tokens, st.data())
def test_a_plain_usage_costs_the_exact_sum_rounded_once(
    rates: Rates, asked: int, output: int, data: st.DataObject
) -> None:
    """The same in fractions, written as a page says it: tokens times USD for a million."""
    cached = data.draw(st.integers(0, asked))
    reasoning = data.draw(st.integers(0, output))
    usage = Usage(input=asked, output=output, cached=cached, reasoning=reasoning)
    rate = {name: Fraction(value) for name, value in rates if value is not None}
    exact = (
        (asked - cached) * rate["input"]
        + cached * rate.get("cached", rate["input"])
        + (output - reasoning) * rate["output"]
        + reasoning * rate.get("reasoning", rate["output"])
    ) * 1000

    assert Price([Entry(models=["m"], usd=rates)]).cost(usage) == int(exact + Fraction(1, 2))


@given(st.lists(st.tuples(tokens, tokens), max_size=20))
def test_half_price_is_half_of_each_bill(pairs: list[tuple[int, int]]) -> None:
    """A factor is of the rates, not of rounded bills."""
    whole = Rates(input=Decimal("2.5"), output=Decimal(10))
    price = Price([Entry(models=["m"], usd=whole, tiers={"batch": Tier(factor=Decimal("0.5"))})])

    for asked, output in pairs:
        plain = price.cost(Usage(input=asked, output=output))
        assert 2 * price.cost(Usage(input=asked, output=output, tier="batch")) == plain
