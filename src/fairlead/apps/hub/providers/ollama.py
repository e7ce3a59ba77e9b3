"""Ollama. Source: https://docs.ollama.com/api/openai-compatibility (fields that it does not support)."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible, lacking

PROVIDERS.register("ollama")(
    compatible(
        "ollama",
        "http://127.0.0.1:11434/v1",
        None,
        plain=("embedding",),
        completion=True,
        quirks=Quirks(
            lacks=lacking("logit_bias", n=b"1", tool_choice=b'"auto"'),
            renames={"max_completion_tokens": "max_tokens"},
            drops=frozenset({"user"}),
        ),
    )
)
