"""OpenRouter: many vendors behind one key; what they lack it handles itself.

Source: https://openrouter.ai/docs/api-reference. `HTTP-Referer` and `X-Title` name the application in its rankings:
they are passed on when a client sends them.
"""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible

PROVIDERS.register("openrouter")(
    compatible(
        "openrouter",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
        chats=("open_models_chat", "openai_chat", "openai_responses", "anthropic"),
        plain=("embedding",),
        completion=True,
        quirks=Quirks(developer=True),
        passes=frozenset({b"http-referer", b"x-title"}),
    )
)
