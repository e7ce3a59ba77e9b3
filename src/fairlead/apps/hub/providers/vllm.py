"""vLLM, a server of one's own. Source: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible

PROVIDERS.register("vllm")(
    compatible(
        "vllm",
        "http://127.0.0.1:8000/v1",
        None,
        chats=("open_models_chat", "openai_chat", "openai_responses"),
        plain=("embedding", "transcription"),
        completion=True,
        rerank="jina_rerank",
        quirks=Quirks(developer=True),
        passes=frozenset({b"x-session-id"}),
    )
)
