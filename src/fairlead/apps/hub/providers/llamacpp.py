"""llama.cpp's server. Source: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import compatible

PROVIDERS.register("llamacpp")(
    compatible(
        "llamacpp",
        "http://127.0.0.1:8080/v1",
        None,
        chats=("open_models_chat", "openai_chat"),
        plain=("embedding",),
        completion=True,
        rerank="jina_rerank",
    )
)
