"""The protocols in words: for each what its calls must hold, no more. What else they hold is the protocol's own page's.

The hub passes on what it does not know, so these schemas are open: they name what every call needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairlead.apps.hub.calls import Json, Operation
from fairlead.apps.hub.shapes import Place

MODEL: Json = {"type": "string", "description": "A name of this hub, or `provider/model`."}
STREAM: Json = {"type": "boolean", "description": "Whether the answer comes as server-sent events."}
TEXTS: Json = {"description": "A text, or several.", "anyOf": [{"type": "string"}, {"type": "array", "items": {}}]}


def form(required: str, **properties: Json) -> Json:
    """An object with at least these fields."""
    return {"type": "object", "properties": properties, "required": required.split(), "additionalProperties": True}


def turns(name: str, *roles: str) -> Json:
    """A conversation."""
    item = form(name, **{name: {"type": "string", "enum": list(roles)}})
    return {"type": "array", "items": item, "description": "The conversation until now."}


@dataclass(frozen=True)
class Protocol:
    """One shape."""

    title: str
    source: str
    """Its own page."""
    bodies: Mapping[str, Json] = field(default_factory=dict)
    """Operation, or path -> what a call must hold."""
    answers: Mapping[str, Json] = field(default_factory=dict)
    """The same for answers."""

    def body(self, place: Place) -> Json:
        """What a call at a place must hold."""
        return self.bodies.get(place.path) or self.bodies.get(place.operation) or OPEN

    def answer(self, place: Place) -> Json:
        """What its answer holds."""
        return self.answers.get(place.path) or self.answers.get(place.operation) or OPEN


OPEN: Json = {"type": "object", "additionalProperties": True}

LIST = form("object data", object={"const": "list"}, data={"type": "array", "items": OPEN})

_CHAT = form("model messages", model=MODEL, messages=turns("role", "system", "developer", "user", "assistant", "tool"))

PROTOCOLS: Mapping[str, Protocol] = {
    "openai_chat": Protocol(
        "OpenAI chat completions",
        "https://platform.openai.com/docs/api-reference/chat",
        {"chat": _CHAT | {"properties": _CHAT["properties"] | {"stream": STREAM}}},
        {"chat": form("id choices", id={"type": "string"}, choices={"type": "array", "items": OPEN}, usage=OPEN)},
    ),
    "openai_responses": Protocol(
        "OpenAI responses",
        "https://platform.openai.com/docs/api-reference/responses",
        {"chat": form("model input", model=MODEL, input=TEXTS, stream=STREAM), "count": form("model", model=MODEL)},
        {"chat": form("id output", id={"type": "string"}, output={"type": "array", "items": OPEN}, usage=OPEN)},
    ),
    "openai_completions": Protocol(
        "OpenAI completions",
        "https://platform.openai.com/docs/api-reference/completions",
        {"completion": form("model prompt", model=MODEL, prompt=TEXTS, stream=STREAM)},
    ),
    "openai_plain": Protocol(
        "OpenAI: embeddings, images, audio, moderations, files, batches",
        "https://platform.openai.com/docs/api-reference",
        {
            "embedding": form("model input", model=MODEL, input=TEXTS),
            "/v1/images/generations": form("prompt", model=MODEL, prompt={"type": "string"}),
            "speech": form("model input voice", model=MODEL, input={"type": "string"}, voice={}),
            "moderation": form("input", model=MODEL, input=TEXTS),
            "/v1/batches": form(
                "input_file_id endpoint completion_window",
                input_file_id={"type": "string"},
                endpoint={"type": "string"},
                completion_window={"type": "string"},
            ),
        },
        {"embedding": LIST, "/v1/models": LIST, "/v1/files": LIST, "/v1/batches": LIST},
    ),
    "anthropic": Protocol(
        "Anthropic messages",
        "https://docs.anthropic.com/en/api/messages",
        {
            "chat": form(
                "model max_tokens messages",
                model=MODEL,
                max_tokens={"type": "integer", "minimum": 1},
                messages=turns("role", "user", "assistant"),
                stream=STREAM,
            ),
            "count": form("model messages", model=MODEL, messages=turns("role", "user", "assistant")),
        },
        {
            "chat": form("id content", id={"type": "string"}, content={"type": "array", "items": OPEN}, usage=OPEN),
            "count": form("input_tokens", input_tokens={"type": "integer"}),
        },
    ),
    "gemini": Protocol(
        "Google Gemini",
        "https://ai.google.dev/api/generate-content",
        {"chat": form("contents", contents={"type": "array", "items": OPEN}), "count": OPEN},
        {"chat": form("candidates", candidates={"type": "array", "items": OPEN}, usageMetadata=OPEN)},
    ),
    "gemini_embed": Protocol("Google Gemini embeddings", "https://ai.google.dev/api/embeddings"),
    "cohere": Protocol(
        "Cohere chat",
        "https://docs.cohere.com/reference/chat",
        {"chat": form("model messages", model=MODEL, messages=turns("role", "system", "user", "assistant", "tool"))},
    ),
    "cohere_embed": Protocol(
        "Cohere embed",
        "https://docs.cohere.com/reference/embed",
        {"embedding": form("model input_type", model=MODEL, texts={"type": "array"}, input_type={"type": "string"})},
    ),
    "cohere_rerank": Protocol(
        "Cohere rerank",
        "https://docs.cohere.com/reference/rerank",
        {"rerank": form("model query documents", model=MODEL, query={"type": "string"}, documents={"type": "array"})},
    ),
    "jina_rerank": Protocol(
        "Jina rerank",
        "https://api.jina.ai/redoc",
        {"rerank": form("model query documents", model=MODEL, query={"type": "string"}, documents={"type": "array"})},
    ),
}
"""By the shape's name. A shape that is not here is described as what it is: a place that takes JSON."""

UPLOADS: Mapping[str, Json] = {
    "/v1/images/edits": form("prompt image", prompt={"type": "string"}, image={"type": "string", "format": "binary"}),
    "/v1/images/variations": form("image", image={"type": "string", "format": "binary"}),
    "/v1/audio/transcriptions": form("model file", model=MODEL, file={"type": "string", "format": "binary"}),
    "/v1/audio/translations": form("model file", model=MODEL, file={"type": "string", "format": "binary"}),
    "/v1/files": form("purpose file", purpose={"type": "string"}, file={"type": "string", "format": "binary"}),
}
"""What is sent as `multipart/form-data`."""

WORDS: Mapping[Operation, str] = {
    "chat": "Carry a conversation on",
    "completion": "Go on with a text",
    "embedding": "Embed texts",
    "rerank": "Rank documents by a query",
    "image": "Make an image",
    "speech": "Speak a text",
    "transcription": "Write down what is said",
    "moderation": "Moderate",
    "count": "Count tokens",
    "models": "Models that this key may ask",
    "files": "Files of a provider",
    "batches": "Batches of a provider",
}
