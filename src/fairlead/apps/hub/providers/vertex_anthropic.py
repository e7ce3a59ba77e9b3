"""Claude on Google's Vertex AI, in Anthropic's own words.

Settings and keys as for `vertex`. Source: https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai.
"""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.vertex import Vertex

PROVIDERS.register("vertex_anthropic")(
    Vertex(
        name="vertex_anthropic",
        url="https://{region}-aiplatform.googleapis.com",
        variable="GOOGLE_SERVICE_ACCOUNT",
        shape="vertex_anthropic",
        speaks={"chat": ("vertex_anthropic",), "count": ("vertex_anthropic",)},
        publisher="anthropic",
    )
)
