"""Cerebras. Source: https://inference-docs.cerebras.ai/resources/openai (what ends in an error there)."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible, lacking

PROVIDERS.register("cerebras")(
    compatible(
        "cerebras",
        "https://api.cerebras.ai/v1",
        "CEREBRAS_API_KEY",
        completion=True,
        quirks=Quirks(lacks=lacking("frequency_penalty", "presence_penalty", "logit_bias", n=b"1")),
    )
)
