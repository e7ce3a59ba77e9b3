"""Groq. Source: https://console.groq.com/docs/openai (what is not supported there)."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible, lacking

PROVIDERS.register("groq")(
    compatible(
        "groq",
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
        chats=("openai_chat", "openai_responses"),
        plain=("speech", "transcription", "files", "batches"),
        quirks=Quirks(lacks=lacking("logprobs", "top_logprobs", "logit_bias", n=b"1")),
    )
)
