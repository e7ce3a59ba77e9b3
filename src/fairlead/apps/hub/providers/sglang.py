"""SGLang, a server of one's own. Source: https://docs.sglang.ai/basic_usage/openai_api.html."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import compatible

PROVIDERS.register("sglang")(
    compatible(
        "sglang",
        "http://127.0.0.1:30000/v1",
        None,
        chats=("open_models_chat", "openai_chat"),
        plain=("embedding",),
        completion=True,
    )
)
