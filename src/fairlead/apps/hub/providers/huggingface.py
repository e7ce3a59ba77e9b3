"""Hugging Face's router of inference providers. Source: https://huggingface.co/docs/inference-providers."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible

PROVIDERS.register("huggingface")(
    compatible(
        "huggingface",
        "https://router.huggingface.co/v1",
        "HF_TOKEN",
        quirks=Quirks(renames={"max_completion_tokens": "max_tokens"}),
    )
)
