"""The table: what is built in, and a file of one's own before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.apps.hub.calls import Usage
from fairlead.apps.hub.money.cost import cost_nano
from fairlead.apps.hub.money.entries import Prices
from fairlead.apps.hub.money.prices import BUILT_IN, PricesError, PriceTable, read
from fairlead.apps.hub.providers import PROVIDERS

OWN_MACHINES = ["echo", "llamacpp", "lmstudio", "ollama", "sglang", "vllm"]


@pytest.fixture(scope="module")
def table() -> PriceTable:
    """What is built in."""
    return PriceTable.of()


@pytest.mark.parametrize("path", sorted(BUILT_IN.glob("*.json")), ids=lambda path: path.stem)
def test_every_built_in_price_has_a_day_and_a_page(path: Path) -> None:
    """And is for a provider that there is."""
    file = Prices.model_validate_json(path.read_bytes())

    assert file.checked is not None
    assert all(entry.source or file.sources for entry in file.prices)
    kinds = {*file.providers, *(kind for entry in file.prices for kind in entry.providers)}
    assert kinds <= {*PROVIDERS, "vertex", "bedrock"}


@pytest.mark.parametrize(
    ("kind", "model", "asked", "output"),
    [
        ("openai", "gpt-4o", 2_500, 10_000),
        ("openai", "gpt-4o-2024-11-20", 2_500, 10_000),
        ("openai", "gpt-4o-mini", 150, 600),
        ("openai", "gpt-4.1-nano", 100, 400),
        ("anthropic", "claude-sonnet-4-5-20250929", 3_000, 15_000),
        ("anthropic", "claude-3-haiku-20240307", 250, 1_250),
        ("gemini", "gemini-2.5-pro", 1_250, 10_000),
        ("vertex", "gemini-2.5-flash-lite", 100, 400),
        ("cohere", "command-r7b-12-2024", 38, 150),
        ("mistral", "mistral-large-2411", 2_000, 6_000),
        ("echo", "whatever", 0, 0),
    ],
)
def test_well_known_models_have_their_published_prices(
    table: PriceTable, kind: str, model: str, asked: int, output: int
) -> None:
    """Nano-dollars for one token each way; 0.0375 USD a million is 37.5, rounded up."""
    price = table.price(kind, model)

    assert cost_nano(price, Usage(input=1)) == asked
    assert cost_nano(price, Usage(output=1)) == output


@pytest.mark.parametrize("kind", OWN_MACHINES)
def test_ones_own_machines_bill_nothing(table: PriceTable, kind: str) -> None:
    """Which is known, and not the same as unknown."""
    assert cost_nano(table.price(kind, "llama-3"), Usage(input=10, output=10)) == 0


@pytest.mark.parametrize(
    ("kind", "model"),
    [("openai", "gpt-4o-something"), ("openai", "gpt-4o-2031-01-01"), ("nobody", "gpt-4o"), ("openai", "dall-e-3")],
)
def test_a_model_that_nobody_published_a_price_for_has_none(table: PriceTable, kind: str, model: str) -> None:
    """The nearest name is not good enough; nor is a price that depends on what the answer does not tell."""
    assert not table.price(kind, model).known


def test_the_pattern_that_says_most_decides() -> None:
    """A plain name before any pattern, more letters before fewer, blanks for one letter before those for any."""
    rates = [("*", 1), ("gpt-*", 2), ("gpt-4o-*", 3), ("gpt-4o-####", 4), ("gpt-4o-2024", 5), ("*mini", 6)]
    file = Prices.model_validate(
        {"providers": ["p"], "prices": [{"models": [name], "usd": {"input": usd}} for name, usd in rates]}
    )
    table = PriceTable([file])
    names = ["other", "gpt-5", "gpt-4o-x", "gpt-4o-2025", "gpt-4o-2024", "GPT-4O-MINI", "mini"]

    assert [table.price("p", name).cost(Usage(input=1)) // 1000 for name in names] == [1, 2, 3, 4, 5, 3, 6]


def test_ones_own_file_goes_before_what_is_built_in(tmp_path: Path) -> None:
    """Even where a pattern of it says less than a built-in name."""
    path = tmp_path / "prices.yaml"
    path.write_text("providers: [openai]\nprices:\n  - models: ['gpt-4o*']\n    usd: {input: 0.0375, output: 1}\n")
    table = PriceTable.of(path)

    assert table.price("openai", "gpt-4o").cost(Usage(input=2)) == 75
    assert table.price("openai", "gpt-3.5-turbo").known


def test_all_that_is_wrong_with_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    """Unknown keys, amounts that are none, entries that say nothing."""
    path = tmp_path / "prices.yaml"
    path.write_text(
        "providers: [openai]\n"
        "prices:\n"
        "  - models: [a]\n"
        "    usd: {inptu: 1}\n"
        "  - models: []\n"
        "    usd: {output: 1}\n"
        "  - models: [c]\n"
        "    usd: {input: -1}\n"
        "  - models: [b]\n"
    )

    with pytest.raises(PricesError) as caught:
        read(path)

    told = [str(problem).removeprefix(str(path)) for problem in caught.value.problems]
    assert told[0] == ":4: prices.0.usd.inptu: unknown key"
    assert told[1].startswith(":5: prices.1.models: list should have at least 1 item")
    assert told[2] == ":8: prices.2.usd.input: input should be greater than or equal to 0"
    assert told[3] == ":9: prices.3: has neither `usd` nor `each`"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("prices: [{models: [a], usd: {input: 1}}]", "neither the file nor each entry says whose prices"),
        ("providers: [p]\nprices: [{models: [a, a], usd: {input: 1}}]", "the price of a is given twice"),
        ("prices: {", "not valid YAML"),
        ("[]", "should be a valid dictionary"),
    ],
)
def test_a_file_that_can_be_read_in_two_ways_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """Whose prices, and which of two."""
    path = tmp_path / "prices.yaml"
    path.write_text(text)

    with pytest.raises(PricesError, match=why):
        read(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(PricesError, match="there is no such file"):
        PriceTable.of(tmp_path / "none.yaml")


def test_names_that_clients_choose_do_not_fill_the_memory(table: PriceTable) -> None:
    """What is remembered of look-ups is bounded."""
    for number in range(10_000):
        table.price("openai", f"model-{number}")

    assert len(table._found) <= 4096
