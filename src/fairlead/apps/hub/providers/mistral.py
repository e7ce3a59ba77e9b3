"""Mistral: it refuses every field that it does not know, and tells the usage of a stream unasked.

Source: https://docs.mistral.ai/api (chat completions, embeddings, moderations, files, audio transcriptions).
"""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible, lacking

PROVIDERS.register("mistral")(
    compatible(
        "mistral",
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
        chats=("mistral_chat",),
        plain=("embedding", "moderation", "transcription", "files"),
        dialect="mistral_plain",
        quirks=Quirks(
            lacks=lacking("logprobs", "top_logprobs", "logit_bias", "modalities", "audio", "web_search_options"),
            renames={"max_completion_tokens": "max_tokens", "seed": "random_seed"},
            drops=frozenset(
                {"stream_options", "user", "store", "service_tier", "prompt_cache_key", "safety_identifier"}
            ),
        ),
    )
)
