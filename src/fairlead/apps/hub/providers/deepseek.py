"""DeepSeek: reasoning comes as `reasoning_content`. Source: https://api-docs.deepseek.com/api/create-chat-completion."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible, lacking

PROVIDERS.register("deepseek")(
    compatible(
        "deepseek",
        "https://api.deepseek.com",
        "DEEPSEEK_API_KEY",
        quirks=Quirks(
            lacks=lacking("logit_bias", "modalities", "audio", n=b"1"),
            renames={"max_completion_tokens": "max_tokens"},
        ),
    )
)
