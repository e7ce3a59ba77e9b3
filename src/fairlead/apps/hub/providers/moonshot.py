"""Moonshot (Kimi). Source: https://platform.kimi.ai/docs/api."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible, lacking

PROVIDERS.register("moonshot")(
    compatible(
        "moonshot",
        "https://api.moonshot.ai/v1",
        "MOONSHOT_API_KEY",
        plain=("files",),
        quirks=Quirks(lacks=lacking("logit_bias"), renames={"max_completion_tokens": "max_tokens"}),
    )
)
