"""Lists of models: read in the form of any provider, written so that every client finds its own form in it.

OpenAI, Anthropic: `data[].id`; Gemini: `models[].name` with `models/` before it; Cohere: `models[].name`; Ollama's own:
the same. Written is OpenAI's form with Anthropic's fields beside (`type`, `display_name`, `created_at`, `has_more`,
`first_id`, `last_id`): both SDKs read what they know. Those of Cohere and Mistral ask at the same path for forms of
their own, and are known by their `user-agent`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from fairlead.apps.hub.calls import Json, Unsayable
from fairlead.apps.hub.shapes.fields import decoded, encoded


def read_models(body: bytes) -> tuple[str, ...]:
    """The names in a provider's list, in its order. Raises `Unsayable`."""
    told = decoded(body)
    items = (told.get("data") or told.get("models")) if isinstance(told, dict) else told
    if items is None and isinstance(told, dict):
        return ()
    if not isinstance(items, list):
        raise Unsayable("the answer is no list of models")
    names = (item.get("id") or item.get("name") for item in items if isinstance(item, dict))
    return tuple(name.removeprefix("models/") for name in names if isinstance(name, str))


def write_models(names: Sequence[str], owners: Sequence[str], created: int, more: bool = False) -> bytes:
    """The hub's list; `owners` says whose each is, `created` (seconds since 1970) when the configuration was read.

    `more`: it is a page, and not the last.
    """
    data = [model(name, owner, created) for name, owner in zip(names, owners, strict=True)]
    ends = {"first_id": names[0] if names else None, "last_id": names[-1] if names else None}
    return encoded({"object": "list", "data": data, "has_more": more, **ends})


def by_agent(body: Json, agent: bytes) -> Json:
    """A list, or one model, as the client of that `user-agent` reads it."""
    if agent.startswith(b"cohere"):
        return {"models": [_of_cohere(one) for one in body["data"]]} if "data" in body else _of_cohere(body)
    if agent.startswith(b"mistral-client"):
        return body | {"data": [_of_mistral(one) for one in body["data"]]} if "data" in body else _of_mistral(body)
    return body


def _of_cohere(one: Json) -> Json:
    """https://docs.cohere.com/reference/list-models; whether its provider can is told by the answer."""
    return {"name": one["id"], "endpoints": ["chat", "embed", "rerank"], "finetuned": False, "is_deprecated": False}


def _of_mistral(one: Json) -> Json:
    """https://docs.mistral.ai/api, models."""
    can = dict.fromkeys(("completion_chat", "function_calling", "vision"), True)
    return one | {"type": "base", "name": one["id"], "capabilities": can | {"fine_tuning": False}}


def model(name: str, owner: str, created: int) -> Json:
    """One of them."""
    return {
        "id": name,
        "object": "model",
        "created": created,
        "owned_by": owner,
        "type": "model",
        "display_name": name,
        "created_at": datetime.fromtimestamp(created, UTC).isoformat().replace("+00:00", "Z"),
    }
