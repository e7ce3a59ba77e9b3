"""Google's Gemini API: the key in a header (never in the query, where logs would keep it), the model in the path.

Source: https://ai.google.dev/api.
"""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Hosted

PROVIDERS.register("gemini")(
    Hosted(
        name="gemini",
        url="https://generativelanguage.googleapis.com",
        variable="GEMINI_API_KEY",
        shape="gemini",
        speaks={
            "chat": ("gemini",),
            "count": ("gemini",),
            "embedding": ("gemini_embed",),
            "models": ("openai_plain",),
        },
        paths={"models": "/v1beta/models"},
        key_header="x-goog-api-key",
        key_form="{}",
        passes=frozenset({b"x-goog-api-client"}),
    )
)
