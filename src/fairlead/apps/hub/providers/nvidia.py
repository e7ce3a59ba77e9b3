"""NVIDIA's hosted NIMs, and those of one's own by another address. Source: https://docs.api.nvidia.com/nim/reference."""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Quirks, compatible

PROVIDERS.register("nvidia")(
    compatible(
        "nvidia",
        "https://integrate.api.nvidia.com/v1",
        "NVIDIA_API_KEY",
        plain=("embedding",),
        completion=True,
        quirks=Quirks(renames={"max_completion_tokens": "max_tokens"}),
    )
)
