"""Each form in which a provider reports usage, from its bytes to nano-dollars by the built-in table.

The sums are done by hand from the rates on the vendor's page, which stand beside them; a table that changes has to be
held against the page again. `test_bills.py` has the arithmetic itself, with rates of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from fairlead.apps.hub.calls import Chat, Delta, Operation, Plain, Reply, Usage, joined
from fairlead.apps.hub.money.cost import cost_nano
from fairlead.apps.hub.money.prices import PriceTable
from fairlead.apps.hub.shapes import SHAPES
from fairlead.apps.hub.shapes.openai_plain.usage import asked_for


@dataclass(frozen=True)
class Answer:
    """What a provider reports, and what it costs. `rates`: as its page has them, in USD."""

    provider: str
    model: str
    shape: str
    body: dict[str, Any]
    rates: str
    nano: int
    operation: Operation = "chat"
    before: dict[str, Any] = field(default_factory=dict)
    """An earlier event of the same stream."""


def chat(asked: int, given: int, **more: Any) -> dict[str, Any]:
    """Usage of OpenAI's chat completions."""
    return {"prompt_tokens": asked, "completion_tokens": given, "total_tokens": asked + given} | more


def responses(asked: int, given: int, output: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """A whole answer of OpenAI's Responses."""
    items = [{"type": one} for one in output or ["message"]]
    return {"output": items, "usage": {"input_tokens": asked, "output_tokens": given} | more}


CACHED = {"prompt_tokens_details": {"cached_tokens": 600}}
"""Of the input."""

GEMINI_SOUND = [{"modality": "TEXT", "tokenCount": 100}, {"modality": "AUDIO", "tokenCount": 900}]
CLAUDE = {
    "input_tokens": 100,
    "cache_read_input_tokens": 2_000,
    "cache_creation_input_tokens": 500,
    "output_tokens": 40,
}
KEPT = {"cache_creation": {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 200}}

ANSWERS: dict[str, Answer] = {
    "openai, cached and reasoning": Answer(
        "openai", "o3", "openai_chat",
        {"usage": chat(1_000, 300, **CACHED, completion_tokens_details={"reasoning_tokens": 256})},
        "2 / 0.50 cached / 8, reasoning as output",
        400 * 2_000 + 600 * 500 + 300 * 8_000,
    ),
    "openai, written to the cache": Answer(
        "openai", "gpt-5.6-sol", "openai_responses",
        responses(1_000, 100, input_tokens_details={"cached_tokens": 600, "cache_write_tokens": 300}),
        "4 / 0.40 cached / 5 written / 20",
        100 * 4_000 + 600 * 400 + 300 * 5_000 + 100 * 20_000,
    ),
    "openai, flex": Answer(
        "openai", "gpt-5", "openai_responses",
        responses(1_000, 100, output_tokens_details={"reasoning_tokens": 64}) | {"service_tier": "flex"},
        "flex: 0.625 / 5",
        1_000 * 625 + 100 * 5_000,
    ),
    "openai, priority": Answer(
        "openai", "gpt-4o-mini", "openai_chat",
        {"usage": chat(1_000, 100, **CACHED), "service_tier": "priority"},
        "priority: 0.25 / 0.125 cached / 1",
        400 * 250 + 600 * 125 + 100 * 1_000,
    ),
    "openai, batch": Answer(
        "openai", "gpt-4o", "openai_chat",
        {"usage": chat(1_000, 100), "service_tier": "batch"},
        "batch: 1.25 / 5",
        1_000 * 1_250 + 100 * 5_000,
    ),
    "openai, a long prompt": Answer(
        "openai", "gpt-5.4", "openai_responses",
        responses(272_001, 100),
        "above 272,000 of input all of it: 5 / 22.50",
        272_001 * 5_000 + 100 * 22_500,
    ),
    "openai, a stream of responses": Answer(
        "openai", "gpt-5", "openai_responses",
        {"type": "response.completed", "response": responses(1_000, 100, input_tokens_details={"cached_tokens": 600})},
        "1.25 / 0.125 cached / 10",
        400 * 1_250 + 600 * 125 + 100 * 10_000,
    ),
    "openai, searches of the web": Answer(
        "openai", "gpt-5", "openai_responses",
        responses(1_000, 100, ["web_search_call", "reasoning", "web_search_call", "message"]),
        "1.25 / 10; 10 for 1,000 calls of web search",
        1_000 * 1_250 + 100 * 10_000 + 2 * 10_000_000,
    ),
    "openai, sound": Answer(
        "openai", "gpt-4o-audio-preview", "openai_chat",
        {"usage": chat(
            119, 180, prompt_tokens_details={"audio_tokens": 100}, completion_tokens_details={"audio_tokens": 150},
        )},
        "2.50 / 10; sound 40 / 80",
        19 * 2_500 + 100 * 40_000 + 30 * 10_000 + 150 * 80_000,
    ),
    "openai, an image drawn": Answer(
        "openai", "gpt-image-1", "openai_plain",
        {"data": [{}], "usage": {
            "input_tokens": 223, "output_tokens": 4_160, "total_tokens": 4_383,
            "input_tokens_details": {"text_tokens": 29, "image_tokens": 194},
        }},
        "text 5, images 10 / 40",
        29 * 5_000 + 194 * 10_000 + 4_160 * 40_000,
        "image",
    ),
    "openai, sound transcribed by tokens": Answer(
        "openai", "gpt-4o-transcribe", "openai_plain",
        {"text": "hi", "usage": {
            "type": "tokens", "input_tokens": 14, "output_tokens": 45, "total_tokens": 59,
            "input_token_details": {"text_tokens": 4, "audio_tokens": 10},
        }},
        "text 2.50, sound 6 / 10",
        4 * 2_500 + 10 * 6_000 + 45 * 10_000,
        "transcription",
    ),
    "openai, sound transcribed by the minute": Answer(
        "openai", "whisper-1", "openai_plain", {"text": "hi", "usage": {"type": "duration", "seconds": 90}},
        "0.006 a minute",
        9_000_000,
        "transcription",
    ),
    "openai, an embedding": Answer(
        "openai", "text-embedding-3-large", "openai_plain", {"data": [], "usage": {"prompt_tokens": 8}},
        "0.13",
        8 * 130,
        "embedding",
    ),
    "azure": Answer(
        "azure", "o3", "openai_chat", {"usage": chat(1_000, 100, **CACHED)},
        "2 / 0.50 cached / 8",
        400 * 2_000 + 600 * 500 + 100 * 8_000,
    ),
    "anthropic, cached and written for minutes and for an hour": Answer(
        "anthropic", "claude-sonnet-4-5-20250929", "anthropic", {"usage": CLAUDE | KEPT},
        "3 / 0.30 cached / 3.75 and 6 written / 15",
        100 * 3_000 + 2_000 * 300 + 300 * 3_750 + 200 * 6_000 + 40 * 15_000,
    ),
    "anthropic, batch": Answer(
        "anthropic", "claude-sonnet-4-5-20250929", "anthropic", {"usage": CLAUDE | KEPT | {"service_tier": "batch"}},
        "half of everything",
        50 * 3_000 + 1_000 * 300 + 150 * 3_750 + 100 * 6_000 + 20 * 15_000,
    ),
    "anthropic, a long prompt": Answer(
        "anthropic", "claude-sonnet-4-5-20250929", "anthropic",
        {"usage": {"input_tokens": 1, "cache_read_input_tokens": 200_000, "output_tokens": 10}},
        "above 200,000, the cached ones counted: 6 / 0.60 cached / 22.50",
        6_000 + 200_000 * 600 + 10 * 22_500,
    ),
    "anthropic, searches of the web": Answer(
        "anthropic", "claude-haiku-4-5", "anthropic",
        {"usage": {"input_tokens": 100, "output_tokens": 40,
                   "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 2}}},
        "1 / 5; 10 for 1,000 searches, fetches nothing",
        100 * 1_000 + 40 * 5_000 + 3 * 10_000_000,
    ),
    "anthropic, a stream": Answer(
        "anthropic", "claude-haiku-4-5", "anthropic",
        {"type": "message_delta", "usage": {"output_tokens": 40}},
        "1 / 0.10 cached / 5, the input told at the beginning and the output at the end",
        100 * 1_000 + 2_000 * 100 + 40 * 5_000,
        before={"type": "message_start", "message": {
            "usage": {"input_tokens": 100, "cache_read_input_tokens": 2_000, "output_tokens": 1}}},
    ),
    "gemini, thoughts and tools": Answer(
        "gemini", "gemini-2.5-pro", "gemini",
        {"usageMetadata": {"promptTokenCount": 1_000, "cachedContentTokenCount": 600, "candidatesTokenCount": 50,
                           "thoughtsTokenCount": 200, "toolUsePromptTokenCount": 25}},
        "1.25 / 0.125 cached / 10, thoughts as output",
        425 * 1_250 + 600 * 125 + 250 * 10_000,
    ),
    "gemini, a long prompt": Answer(
        "gemini", "gemini-2.5-pro", "gemini",
        {"usageMetadata": {"promptTokenCount": 200_001, "candidatesTokenCount": 50}},
        "above 200,000: 2.50 / 15",
        200_001 * 2_500 + 50 * 15_000,
    ),
    "gemini, sound": Answer(
        "gemini", "gemini-2.5-flash", "gemini",
        {"usageMetadata": {"promptTokenCount": 1_000, "candidatesTokenCount": 10,
                           "promptTokensDetails": GEMINI_SOUND}},
        "0.30, sound 1 / 2.50",
        100 * 300 + 900 * 1_000 + 10 * 2_500,
    ),
    "gemini, an image drawn": Answer(
        "gemini", "gemini-2.5-flash-image", "gemini",
        {"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 1_310,
                           "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1_290}]}},
        "0.30 / 2.50, images 30",
        10 * 300 + 20 * 2_500 + 1_290 * 30_000,
    ),
    "vertex": Answer(
        "vertex", "gemini-2.5-flash", "gemini",
        {"usageMetadata": {"promptTokenCount": 1_000, "candidatesTokenCount": 10, "trafficType": "ON_DEMAND"}},
        "0.30 / 2.50",
        1_000 * 300 + 10 * 2_500,
    ),
    "bedrock, cached and written": Answer(
        "bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock_converse",
        {"usage": {"inputTokens": 100, "outputTokens": 40, "totalTokens": 2_640, "cacheReadInputTokens": 2_000,
                   "cacheWriteInputTokens": 500, "cacheDetails": [{"inputTokens": 200, "ttl": "1h"}]}},
        "in one region: 3.30 / 0.33 cached / 4.125 and 6.60 written / 16.50",
        100 * 3_300 + 2_000 * 330 + 300 * 4_125 + 200 * 6_600 + 40 * 16_500,
    ),
    "bedrock, its own models": Answer(
        "bedrock", "us.amazon.nova-pro-v1:0", "bedrock_converse",
        {"usage": {"inputTokens": 100, "outputTokens": 40, "totalTokens": 740, "cacheReadInputTokens": 600}},
        "0.80 / 0.20 cached / 3.20",
        100 * 800 + 600 * 200 + 40 * 3_200,
    ),
    "deepseek": Answer(
        "deepseek", "deepseek-v3.1-terminus", "openai_chat",
        {"usage": chat(1_000, 100, prompt_cache_hit_tokens=600, prompt_cache_miss_tokens=400)},
        "0.27 / 0.13 for what the cache hit / 0.95",
        400 * 270 + 600 * 130 + 100 * 950,
    ),
    "moonshot": Answer(
        "moonshot", "kimi-k2-0905-preview", "openai_chat", {"usage": chat(1_000, 100, cached_tokens=600)},
        "0.60 / 0.15 cached / 2.50",
        400 * 600 + 600 * 150 + 100 * 2_500,
    ),
    "groq, a stream": Answer(
        "groq", "openai/gpt-oss-120b", "openai_chat", {"choices": [], "x_groq": {"usage": chat(1_000, 100, **CACHED)}},
        "0.15 / 0.075 cached / 0.60",
        400 * 150 + 600 * 75 + 100 * 600,
    ),
    "groq, sound": Answer(
        "groq", "whisper-large-v3-turbo", "openai_plain", {"text": "hi", "duration": 3.5},
        "0.04 an hour, at least ten seconds",
        111_111,
        "transcription",
    ),
    "xai, reasoning beside the completion": Answer(
        "xai", "grok-3-mini", "openai_chat",
        {"usage": {"prompt_tokens": 1_000, "completion_tokens": 20, "total_tokens": 1_120,
                   "prompt_tokens_details": {"cached_tokens": 600},
                   "completion_tokens_details": {"reasoning_tokens": 100}}},
        "0.30 / 0.075 cached / 0.50, reasoning as output",
        400 * 300 + 600 * 75 + 120 * 500,
    ),
    "perplexity": Answer(
        "perplexity", "sonar-pro", "openai_chat",
        {"usage": chat(100, 200, search_context_size="high")},
        "3 / 15; 14 for 1,000 requests (with most of the context, since no answer is sure to tell how much)",
        100 * 3_000 + 200 * 15_000 + 14_000_000,
    ),
    "perplexity, deep research": Answer(
        "perplexity", "sonar-deep-research", "openai_chat",
        {"usage": chat(33, 7_163, citation_tokens=20_016, num_search_queries=28, reasoning_tokens=95_305)},
        "2, citations as input / 8, reasoning 3; 5 for 1,000 searches",
        (33 + 20_016) * 2_000 + 7_163 * 8_000 + 95_305 * 3_000 + 28 * 5_000_000,
    ),
    "mistral": Answer(
        "mistral", "mistral-large-2411", "openai_chat", {"usage": chat(1_000, 100)},
        "2 / 6",
        1_000 * 2_000 + 100 * 6_000,
    ),
    "cohere": Answer(
        "cohere", "command-a-03-2025", "cohere",
        {"usage": {"billed_units": {"input_tokens": 5, "output_tokens": 418}, "tokens": {"input_tokens": 71}}},
        "2.50 / 10, of what is billed",
        5 * 2_500 + 418 * 10_000,
    ),
    "cohere, a search": Answer(
        "cohere", "rerank-v3.5", "cohere_rerank",
        {"results": [], "meta": {"billed_units": {"search_units": 2}}},
        "2 for 1,000 searches",
        2 * 2_000_000,
        "rerank",
    ),
    "cohere, an embedding": Answer(
        "cohere", "embed-v4.0", "cohere_embed",
        {"embeddings": {}, "meta": {"billed_units": {"input_tokens": 8}}},
        "0.12",
        8 * 120,
        "embedding",
    ),
    "together": Answer(
        "together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "openai_chat", {"usage": chat(1_000, 100)},
        "0.88 / 0.88",
        1_100 * 880,
    ),
    "fireworks": Answer(
        "fireworks", "accounts/fireworks/models/deepseek-v3p2", "openai_chat", {"usage": chat(1_000, 100, **CACHED)},
        "0.56 / 0.28 cached / 1.68",
        400 * 560 + 600 * 280 + 100 * 1_680,
    ),
    "cerebras": Answer(
        "cerebras", "llama-3.3-70b", "openai_chat", {"usage": chat(1_000, 100)},
        "0.85 / 1.20",
        1_000 * 850 + 100 * 1_200,
    ),
    "ollama": Answer("ollama", "llama3", "openai_chat", {"usage": chat(1_000, 100)}, "one's own machine", 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def table() -> PriceTable:
    """The built-in one."""
    return PriceTable.of()


@pytest.mark.parametrize("name", ANSWERS)
def test_what_a_provider_reports_costs_what_its_page_says(table: PriceTable, name: str) -> None:
    """To the nano-dollar, and with nothing in it that has no price."""
    answer = ANSWERS[name]
    price = table.price(answer.provider, answer.model)
    usage = None
    for said in filter(None, (answer.before, answer.body)):
        told = SHAPES.get(answer.shape).usage(answer.operation, json.dumps(said).encode())
        assert told is not None
        usage = joined(usage, told)

    assert usage is not None
    assert price.known
    assert not price.lacks(usage, answer.operation)
    assert cost_nano(price, usage, answer.operation) == answer.nano


def test_speech_costs_what_was_asked_for(table: PriceTable) -> None:
    """15 USD for a million characters; the answer is sound, and tells nothing."""
    usage = asked_for(Plain("speech", "tts-1", {"input": "hello there"}))

    assert usage is not None
    assert usage.units == {"characters": 11.0}
    assert cost_nano(table.price("openai", "tts-1"), usage, "speech") == 11 * 15_000


@pytest.mark.parametrize("form", ["bytes", "whole", "stream"])
def test_searches_are_counted_however_a_response_is_read(form: str) -> None:
    """Passed on, translated whole, and translated as a stream."""
    shape, answer = SHAPES.get("openai_responses"), responses(10, 1, ["web_search_call", "web_search_call"])
    body, call = json.dumps(answer).encode(), Chat("m", ())
    event = json.dumps({"type": "response.completed", "response": answer}).encode()
    found: list[Usage | None] = []
    if form == "bytes":
        found = [shape.usage("chat", body)]
    elif form == "whole":
        reply = shape.read_reply(call, {}, body)
        found = [reply.usage] if isinstance(reply, Reply) else []
    else:
        steps = shape.reader(call).feed(b"data: " + event + b"\n\n")
        found = [step.usage for step in steps if isinstance(step, Delta)]

    assert [usage.units for usage in found if usage is not None] == [{"searches": 2}]


def test_a_search_of_a_model_without_a_price_for_it_is_told(table: PriceTable) -> None:
    """The rest is billed, and the ledger marks it."""
    usage = SHAPES.get("openai_responses").usage("chat", json.dumps(responses(10, 1, ["web_search_call"])).encode())
    price = table.price("openai", "gpt-3.5-turbo")

    assert usage is not None
    assert price.lacks(usage) == ["searches"]
    assert price.cost(usage) == price.cost(Usage(input=10, output=1)) > 0
