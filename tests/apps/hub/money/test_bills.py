"""The published forms of usage, each with the arithmetic done by hand from the vendor's page."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping

import pytest

from fairlead.apps.hub.calls import Operation, Usage
from fairlead.apps.hub.money.cost import Price, cost_nano
from fairlead.apps.hub.money.entries import Prices
from fairlead.apps.hub.money.prices import PriceTable
from fairlead.apps.hub.shapes import SHAPES

SONNET = {"usd": {"input": 3, "cached": 0.3, "written": 3.75, "written_hour": 6, "output": 15}}
"""Claude Sonnet 4, https://www.anthropic.com/pricing#api: writing 1.25 times and for an hour twice the input."""

SONNET_LONG: Mapping[str, object] = SONNET | {
    "above": [
        {"tokens": 200_000, "usd": {"input": 6, "cached": 0.6, "written": 7.5, "written_hour": 12, "output": 22.5}}
    ],
    "each": {"searches": {"usd": 10, "per": 1000}, "fetches": {"usd": 0}},
    "tiers": {"batch": {"factor": 0.5}},
}
GPT_4O = {
    "usd": {"input": 2.5, "cached": 1.25, "output": 10},
    "each": {"searches": {"usd": 10, "per": 1000}},
    "tiers": {
        "batch": {"usd": {"input": 1.25, "output": 5}},
        "priority": {"usd": {"input": 4.25, "cached": 2.125, "output": 17}},
    },
}
"""https://openai.com/api/pricing/"""

REALTIME = {
    "usd": {
        "input": 5,
        "cached": 2.5,
        "output": 20,
        "audio_input": 40,
        "cached_audio": 2.5,
        "audio_output": 80,
    }
}
IMAGES = {"usd": {"input": 5, "cached": 1.25, "image_input": 10, "cached_image": 2.5, "output": 40}}
GEMINI_PRO = {
    "usd": {"input": 1.25, "cached": 0.125, "output": 10},
    "above": [{"tokens": 200_000, "usd": {"input": 2.5, "cached": 0.25, "output": 15}}],
}
GEMINI_FLASH = {"usd": {"input": 0.3, "cached": 0.03, "audio_input": 1, "cached_audio": 0.1, "output": 2.5}}
"""https://ai.google.dev/gemini-api/docs/pricing"""


def price(entry: Mapping[str, object], clock: Callable[[], float] = lambda: 0.0) -> Price:
    """An entry as a price."""
    file = Prices.model_validate({"providers": ["p"], "prices": [{"models": ["m"], **entry}]})
    return Price(file.prices, clock=clock)


ANSWERS: list[tuple[str, str, Operation, bytes, Mapping[str, object], int]] = [
    (
        "openai: 1,000 read afresh, 1,024 cached, 500 said (of them 300 of reasoning, at the same price)",
        "openai_chat",
        "chat",
        (
            b'{"usage":{"prompt_tokens":2024,"completion_tokens":500,"total_tokens":2524,"prompt_tokens_details":'
            b'{"cached_tokens":1024},"completion_tokens_details":{"reasoning_tokens":300}}}'
        ),
        GPT_4O,
        1_000 * 2_500 + 1_024 * 1_250 + 500 * 10_000,
    ),
    (
        "openai: served with priority",
        "openai_chat",
        "chat",
        (
            b'{"service_tier":"priority","usage":{"prompt_tokens":1000,"completion_tokens":10,"total_tokens":1010,'
            b'"prompt_tokens_details":{"cached_tokens":400}}}'
        ),
        GPT_4O,
        600 * 4_250 + 400 * 2_125 + 10 * 17_000,
    ),
    (
        "openai: sound in and out beside text",
        "openai_chat",
        "chat",
        (
            b'{"usage":{"prompt_tokens":119,"completion_tokens":180,"total_tokens":299,"prompt_tokens_details":'
            b'{"cached_tokens":0,"audio_tokens":100},"completion_tokens_details":{"audio_tokens":150}}}'
        ),
        REALTIME,
        19 * 5_000 + 100 * 40_000 + 30 * 20_000 + 150 * 80_000,
    ),
    (
        "openai: an image drawn from text and an image",
        "openai_plain",
        "image",
        (
            b'{"data":[{}],"usage":{"total_tokens":4383,"input_tokens":223,"output_tokens":4160,'
            b'"input_tokens_details":{"text_tokens":29,"image_tokens":194}}}'
        ),
        IMAGES,
        29 * 5_000 + 194 * 10_000 + 4_160 * 40_000,
    ),
    (
        "openai: a minute and a half transcribed at 0.006 USD a minute",
        "openai_plain",
        "transcription",
        b'{"text":"hi","usage":{"type":"duration","seconds":90}}',
        {"each": {"seconds": {"usd": 0.36, "per": 3600}}},
        9_000_000,
    ),
    (
        "openai: an embedding of 8 tokens at 0.02 USD a million",
        "openai_plain",
        "embedding",
        b'{"data":[],"usage":{"prompt_tokens":8,"total_tokens":8}}',
        {"usd": {"input": 0.02}},
        160,
    ),
    (
        "anthropic: 10 afresh, 1,000 read, 456 written for minutes and 100 for an hour",
        "anthropic",
        "chat",
        (
            b'{"usage":{"input_tokens":10,"cache_read_input_tokens":1000,"cache_creation_input_tokens":556,'
            b'"cache_creation":{"ephemeral_5m_input_tokens":456,"ephemeral_1h_input_tokens":100},"output_tokens":503}}'
        ),
        SONNET,
        10 * 3_000 + 1_000 * 300 + 456 * 3_750 + 100 * 6_000 + 503 * 15_000,
    ),
    (
        "anthropic: two searches and a fetch, half price in a batch but for the searches",
        "anthropic",
        "chat",
        (
            b'{"usage":{"input_tokens":1000,"output_tokens":100,"service_tier":"batch",'
            b'"server_tool_use":{"web_search_requests":2,"web_fetch_requests":1}}}'
        ),
        SONNET_LONG,
        1_000 * 1_500 + 100 * 7_500 + 20_000_000,
    ),
    (
        "anthropic: more than 200,000 of input, the cached ones among them, and all of it is dearer",
        "anthropic",
        "chat",
        b'{"usage":{"input_tokens":1,"cache_read_input_tokens":200000,"output_tokens":1000}}',
        SONNET_LONG,
        6_000 + 200_000 * 600 + 1_000 * 22_500,
    ),
    (
        "gemini: thoughts are output, what tools read is input",
        "gemini",
        "chat",
        (
            b'{"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":50,"thoughtsTokenCount":200,'
            b'"toolUsePromptTokenCount":25,"totalTokenCount":375}}'
        ),
        GEMINI_PRO,
        125 * 1_250 + 250 * 10_000,
    ),
    (
        "gemini: just 200,000 is not above 200,000",
        "gemini",
        "chat",
        b'{"usageMetadata":{"promptTokenCount":200000,"cachedContentTokenCount":50000,"candidatesTokenCount":2}}',
        GEMINI_PRO,
        150_000 * 1_250 + 50_000 * 125 + 2 * 10_000,
    ),
    (
        "gemini: sound is dearer than text",
        "gemini",
        "chat",
        (
            b'{"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":10,"promptTokensDetails":'
            b'[{"modality":"TEXT","tokenCount":100},{"modality":"AUDIO","tokenCount":900}]}}'
        ),
        GEMINI_FLASH,
        100 * 300 + 900 * 1_000 + 10 * 2_500,
    ),
]


@pytest.mark.parametrize(
    ("shape", "operation", "body", "entry", "nano"), [one[1:] for one in ANSWERS], ids=[one[0] for one in ANSWERS]
)
def test_an_answer_costs_what_the_vendors_page_says(
    shape: str, operation: Operation, body: bytes, entry: Mapping[str, object], nano: int
) -> None:
    """From the provider's own report of its usage to nano-dollars."""
    usage = SHAPES.get(shape).usage(operation, body)

    assert usage is not None
    assert cost_nano(price(entry), usage) == nano


def test_what_has_no_price_is_not_free() -> None:
    """The unknown is a value of its own: of a model, of a unit, of a tier."""
    nobody = PriceTable([]).price("openai", "gpt-9")

    assert not nobody.known
    assert nobody.lacks(Usage(input=1, output=1)) == ["input tokens", "output tokens"]
    assert cost_nano(nobody, Usage(input=1)) is None
    assert cost_nano(price(GPT_4O), Usage(input=1, units={"images": 1.0})) is None
    assert price(GPT_4O).lacks(Usage(input=1, tier="scale")) == ["tier scale"]
    assert cost_nano(price({"usd": {"input": 1}}), Usage(input=1, output=1)) is None
    assert cost_nano(price(GPT_4O), Usage(input=1, tier="default")) == 2_500


def test_to_count_tokens_costs_nothing() -> None:
    """Nothing was read by a model; nor does a price have to be known for it."""
    counted = Usage(input=1_000_000)

    assert price(SONNET).cost(counted, "count") == 0
    assert cost_nano(PriceTable([]).price("openai", "gpt-9"), counted, "count") == 0


def test_half_of_a_nano_dollar_is_rounded_up_once() -> None:
    """One token at 0.0005 USD a million is half of a nano-dollar; three are one and a half."""
    half = price({"usd": {"input": 0.0005, "output": 0.0001}})

    assert half.cost(Usage(input=1)) == 1
    assert half.cost(Usage(input=3)) == 2
    assert half.cost(Usage(input=1, output=1)) == 1
    assert half.cost(Usage(output=4)) == 0


def test_every_answer_is_charged_where_a_vendor_charges_requests() -> None:
    """5 USD for a thousand requests, beside the tokens."""
    sonar = price({"usd": {"input": 1, "output": 1}, "each": {"requests": {"usd": 5, "per": 1000}}})

    assert sonar.cost(Usage(input=10, output=10)) == 5_000_000 + 20_000
    assert sonar.cost(Usage(input=10, units={"searches": 1.0})) == 5_000_000 + 10_000
    assert sonar.most(10, 10) == 5_000_000 + 20_000


def test_a_short_recording_is_billed_as_ten_seconds() -> None:
    """https://console.groq.com/docs/speech-to-text: at least 10 seconds of 0.111 USD an hour."""
    whisper = price({"each": {"seconds": {"usd": 0.111, "per": 3600, "least": 10}}})

    assert whisper.cost(Usage(units={"seconds": 3.2})) == 308_333
    assert whisper.cost(Usage(units={"seconds": 3600.0})) == 111_000_000
    assert whisper.cost(Usage(units={"seconds": 0.0})) == 0


def test_cached_ones_of_several_kinds_are_taken_for_text_first() -> None:
    """A provider does not tell which kind was cached; so no bill comes out too low."""
    spoken = price(REALTIME)

    assert spoken.cost(Usage(input=100, audio_input=60, cached=30)) == 30 * 2_500 + 10 * 5_000 + 60 * 40_000
    assert spoken.cost(Usage(input=100, audio_input=60, cached=50)) == 40 * 2_500 + 10 * 2_500 + 50 * 40_000


def test_counts_that_contradict_each_other_are_never_billed_twice() -> None:
    """No token costs more than once, and none less than nothing."""
    sonnet = price(SONNET)

    assert sonnet.cost(Usage(input=10, cached=20)) == 10 * 300
    assert sonnet.cost(Usage(input=10, output=5, reasoning=9)) == 10 * 3_000 + 5 * 15_000
    assert sonnet.cost(Usage(input=10, cached=6, written=6, written_hour=9)) == 6 * 300 + 4 * 6_000


def test_a_price_changes_at_midnight_without_a_restart() -> None:
    """Of several entries the last one that has begun holds."""
    now = [0.0]
    file = Prices.model_validate(
        {
            "providers": ["p"],
            "prices": [
                {"models": ["m"], "usd": {"input": 1, "output": 1}},
                {"models": ["m"], "since": "1970-01-02", "usd": {"input": 2, "output": 2}},
                {"models": ["m"], "since": "1970-01-04", "usd": {"input": 3, "output": 3}},
            ],
        }
    )
    changing = PriceTable([file]).price("p", "m")
    changing = Price(file.prices, clock=lambda: now[0])
    seen = []
    for moment in (0, 86_399.9, 86_400, 3 * 86_400 - 1, 3 * 86_400, 300 * 86_400):
        now[0] = moment
        seen.append(changing.cost(Usage(input=1)))

    assert seen == [1_000, 1_000, 2_000, 2_000, 3_000, 3_000]


def test_some_hours_of_each_day_have_their_own_price() -> None:
    """Also where they go past midnight; the answer's end counts."""
    now = [0.0]
    busy = {"usd": {"input": 1, "output": 1}, "hours": [{"from": "22:00", "to": "02:30", "usd": {"input": 2}}]}
    deep = price(busy, lambda: now[0])
    day = calendar.timegm((2026, 11, 21, 0, 0, 0))
    seen = []
    for hour in (0, 2.49, 2.5, 21.99, 22, 23.99, 24, 26, 26.5):
        now[0] = day + hour * 3600
        seen.append(deep.cost(Usage(input=1)) // 1000)

    assert seen == [2, 2, 1, 1, 2, 2, 2, 2, 1]
