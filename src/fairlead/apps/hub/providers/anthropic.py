"""Anthropic: the key in `x-api-key`, the protocol's date in `anthropic-version`, beta features by header.

Source: https://platform.claude.com/docs/en/api/overview.
"""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Hosted

PROVIDERS.register("anthropic")(
    Hosted(
        name="anthropic",
        url="https://api.anthropic.com",
        variable="ANTHROPIC_API_KEY",
        shape="anthropic",
        speaks={"chat": ("anthropic",), "count": ("anthropic",), "models": ("openai_plain",)},
        key_header="x-api-key",
        key_form="{}",
        passes=frozenset({b"anthropic-version", b"anthropic-beta"}),
        needs={b"anthropic-version": b"2023-06-01"},
    )
)
