"""Together: reranking in Cohere's words at `/v1/rerank`. Source: https://docs.together.ai/reference."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible

PROVIDERS.register("together")(
    compatible(
        "together",
        "https://api.together.xyz/v1",
        "TOGETHER_API_KEY",
        chats=("open_models_chat", "openai_chat"),
        plain=("embedding", "image", "speech", "transcription", "files", "batches"),
        completion=True,
        rerank="jina_rerank",
        quirks=Quirks(renames={"max_completion_tokens": "max_tokens"}),
    )
)
