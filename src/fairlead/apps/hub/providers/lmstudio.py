"""LM Studio's local server. Source: https://lmstudio.ai/docs/developer/openai-compat."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible

PROVIDERS.register("lmstudio")(
    compatible(
        "lmstudio",
        "http://127.0.0.1:1234/v1",
        None,
        chats=("open_models_chat", "openai_chat", "openai_responses"),
        plain=("embedding",),
        completion=True,
        quirks=Quirks(renames={"max_completion_tokens": "max_tokens"}),
    )
)
