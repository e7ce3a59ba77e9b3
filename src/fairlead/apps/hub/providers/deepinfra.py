"""DeepInfra. Source: https://deepinfra.com/docs/openai_api."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible

PROVIDERS.register("deepinfra")(
    compatible(
        "deepinfra",
        "https://api.deepinfra.com/v1/openai",
        "DEEPINFRA_API_KEY",
        chats=("open_models_chat", "openai_chat"),
        plain=("embedding", "image", "speech", "transcription"),
        completion=True,
        quirks=Quirks(renames={"max_completion_tokens": "max_tokens"}),
    )
)
