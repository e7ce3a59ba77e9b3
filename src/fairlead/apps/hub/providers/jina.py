"""Jina: embeddings and reranking, no conversations. Source: https://api.jina.ai/redoc."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Compatible

PROVIDERS.register("jina")(
    Compatible(
        name="jina",
        url="https://api.jina.ai/v1",
        variable="JINA_API_KEY",
        shape="openai_plain",
        speaks={"embedding": ("openai_plain",), "rerank": ("jina_rerank",)},
    )
)
