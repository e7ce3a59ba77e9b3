"""Fireworks. Models are `accounts/fireworks/models/…`. Source: https://docs.fireworks.ai/api-reference."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible

PROVIDERS.register("fireworks")(
    compatible(
        "fireworks",
        "https://api.fireworks.ai/inference/v1",
        "FIREWORKS_API_KEY",
        chats=("open_models_chat", "openai_chat", "openai_responses", "anthropic"),
        plain=("embedding",),
        completion=True,
        rerank="jina_rerank",
        quirks=Quirks(renames={"max_completion_tokens": "max_tokens"}),
        passes=frozenset({b"x-session-affinity"}),
    )
)
