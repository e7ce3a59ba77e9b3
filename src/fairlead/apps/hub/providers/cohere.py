"""Cohere: chat, embeddings and reranking in its own words (version 2). Source: https://docs.cohere.com/reference."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Hosted

PROVIDERS.register("cohere")(
    Hosted(
        name="cohere",
        url="https://api.cohere.com",
        variable="CO_API_KEY",
        shape="cohere",
        speaks={
            "chat": ("cohere",),
            "embedding": ("cohere_embed",),
            "rerank": ("cohere_rerank",),
            "models": ("openai_plain",),
        },
        passes=frozenset({b"x-client-name"}),
    )
)
