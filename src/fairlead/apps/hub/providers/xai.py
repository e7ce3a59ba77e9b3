"""xAI. Source: https://docs.x.ai/docs/api-reference; its reasoning models refuse penalties by themselves."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible, lacking

PROVIDERS.register("xai")(
    compatible(
        "xai",
        "https://api.x.ai/v1",
        "XAI_API_KEY",
        chats=("openai_chat", "openai_responses"),
        plain=("image", "files", "batches"),
        quirks=Quirks(developer=True, lacks=lacking("logit_bias", "modalities", "audio")),
        passes=frozenset({b"x-grok-conv-id"}),
    )
)
