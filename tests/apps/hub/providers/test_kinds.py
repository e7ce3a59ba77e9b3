"""What vendors of OpenAI's shape call otherwise, leave out or refuse; and where providers are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.apps.hub.calls import Operation, Unsayable
from fairlead.apps.hub.providers import PROVIDERS, Login
from fairlead.apps.hub.providers.addresses import address
from fairlead.apps.hub.shapes import Sent
from fairlead.errors import UsageError


def fitted(provider: str, **fields: Any) -> Any:
    """A call of chat completions as a vendor gets it."""
    body = json.dumps({"model": "m", "messages": [], **fields}).encode()
    told = json.loads(PROVIDERS.get(provider).fit("openai_chat", body))
    return {name: value for name, value in told.items() if name not in ("model", "messages")}


def test_mistral_is_told_in_its_own_words() -> None:
    """It refuses every field that it does not know."""
    asked = {"max_completion_tokens": 9, "seed": 1, "stream": True, "stream_options": {"include_usage": True}}
    assert fitted("mistral", **asked, user="u") == {"max_tokens": 9, "random_seed": 1, "stream": True}


def test_the_developer_speaks_as_the_system_where_vendors_know_no_other() -> None:
    """And as itself where they do."""
    messages = [{"role": "developer", "content": 'say "developer"'}, {"role": "user", "content": "hi"}]
    body = json.dumps({"model": "m", "messages": messages}).encode()
    assert PROVIDERS.get("openai").fit("openai_chat", body) == body
    told = json.loads(PROVIDERS.get("cerebras").fit("openai_chat", body))["messages"]
    assert told == [messages[0] | {"role": "system"}, messages[1]]


@pytest.mark.parametrize("value", [None, 1, False])
def test_a_field_that_asks_for_nothing_is_left_out(value: object) -> None:
    """One answer is what everybody gives."""
    assert fitted("groq", n=value) == {}


def test_a_field_that_asks_for_something_is_refused_even_when_its_name_is_escaped() -> None:
    """JSON has more than one spelling of a name."""
    body = b'{"model":"m","messages":[],"log\\u0070robs":true}'
    with pytest.raises(Unsayable, match="groq can't do `logprobs`"):
        PROVIDERS.get("groq").fit("openai_chat", body)


def test_what_only_looks_like_a_field_is_passed_on() -> None:
    """A name deeper inside is another matter."""
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"properties": {"seed": {}, "n": {}}}}}]
    assert fitted("groq", tools=tools) == {"tools": tools}


def test_other_shapes_of_the_same_vendor_have_no_such_quirks() -> None:
    """They are of chat completions only."""
    body = b'{"model":"m","input":"hi","n":7}'
    assert PROVIDERS.get("groq").fit("openai_responses", body) == body


def test_what_is_no_object_is_refused() -> None:
    """Not passed on in the hope that the vendor minds."""
    with pytest.raises(Unsayable):
        PROVIDERS.get("groq").fit("openai_chat", b'["n", 2]')


WHERE: dict[str, tuple[str, Operation, str, dict[str, str], str]] = {
    "openai": ("openai", "chat", "/v1/chat/completions", {}, "https://api.openai.com/v1/chat/completions"),
    "groq": ("groq", "chat", "/v1/chat/completions", {}, "https://api.groq.com/openai/v1/chat/completions"),
    "perplexity": ("perplexity", "chat", "/v1/chat/completions", {}, "https://api.perplexity.ai/chat/completions"),
    "claude by OpenRouter": ("openrouter", "chat", "/v1/messages", {}, "https://openrouter.ai/api/v1/messages"),
    "models of Gemini": (
        "gemini",
        "models",
        "/v1/models",
        {},
        "https://generativelanguage.googleapis.com/v1beta/models",
    ),
    "azure": (
        "azure",
        "chat",
        "/v1/chat/completions",
        {"resource": "town"},
        "https://town.openai.azure.com/openai/v1/chat/completions",
    ),
    "azure, dated": (
        "azure",
        "chat",
        "/v1/chat/completions",
        {"resource": "town", "api_version": "2024-10-21"},
        "https://town.openai.azure.com/openai/deployments/gpt%204o/chat/completions?api-version=2024-10-21",
    ),
    "azure, dated, responses": (
        "azure",
        "chat",
        "/v1/responses",
        {"resource": "town", "api_version": "2025-04-01-preview"},
        "https://town.openai.azure.com/openai/responses?api-version=2025-04-01-preview",
    ),
    "azure, dated, files": (
        "azure",
        "files",
        "/v1/files?limit=2",
        {"resource": "town", "api_version": "2024-10-21"},
        "https://town.openai.azure.com/openai/files?limit=2&api-version=2024-10-21",
    ),
    "vertex": (
        "vertex",
        "chat",
        "/v1beta/models/gemini-3:streamGenerateContent?alt=sse",
        {"region": "europe-west1", "project": "town-1"},
        (
            "https://europe-west1-aiplatform.googleapis.com/v1/projects/town-1/locations/europe-west1"
            "/publishers/google/models/gemini-3:streamGenerateContent?alt=sse"
        ),
    ),
    "claude at Google": (
        "vertex_anthropic",
        "chat",
        "/models/claude@1:rawPredict",
        {"region": "europe-west1", "project": "town-1"},
        (
            "https://europe-west1-aiplatform.googleapis.com/v1/projects/town-1/locations/europe-west1"
            "/publishers/anthropic/models/claude@1:rawPredict"
        ),
    ),
    "bedrock": (
        "bedrock",
        "chat",
        "/model/nova%3A0/converse",
        {"region": "eu-west-1"},
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/nova%3A0/converse",
    ),
}


@pytest.mark.parametrize("case", WHERE)
def test_a_request_goes_where_the_vendor_publishes(case: str) -> None:
    """Address and path joined."""
    name, operation, path, settings, url = WHERE[case]
    provider, login = PROVIDERS.get(name), Login("k", "v", settings)
    below = provider.path(operation, Sent(path, {}, b""), "gpt 4o", login)
    assert address(name, provider.url, settings) + below == url


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1"),
        ("https://gate.town/llm/v1/", "https://gate.town/llm/v1"),
    ],
)
def test_an_address_without_a_path_gets_the_usual_one(other: str, found: str) -> None:
    """And one with a path is taken as it is."""
    assert address("vllm", PROVIDERS.get("vllm").url, {}, other) == found


@pytest.mark.parametrize("other", ["town", "ftp://town", "https://", "https://town/?key=1", "https://u:p@town"])
def test_an_address_that_is_none_is_refused(other: str) -> None:
    """Before a key is sent anywhere."""
    with pytest.raises(UsageError, match=r"providers\.vllm\.url"):
        address("vllm", PROVIDERS.get("vllm").url, {}, other)


@pytest.mark.parametrize("value", ["evil.com/", "a@evil.com", "a b", ""])
def test_a_setting_can_not_lead_a_key_elsewhere(value: str) -> None:
    """It becomes part of a host."""
    with pytest.raises(UsageError, match=r"settings\.resource"):
        address("azure", PROVIDERS.get("azure").url, {"resource": value})
