"""Anthropic's messages on Google's Vertex AI.

Source: https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai. The path, from the model on, says
whether it streams (`:rawPredict`, `:streamRawPredict`); the body keeps `stream`. Tokens are counted by a model of their
own, `count-tokens`, which takes the real one in the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from fairlead.apps.hub.calls import Chat
from fairlead.apps.hub.shapes import SHAPES, Sent
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.shapes.hosted import HostedAnthropic

NAME = "vertex_anthropic"


class VertexAnthropic(HostedAnthropic):
    """Claude at Google."""

    name = NAME
    version = "vertex-2023-10-16"

    def told(self, chat: Chat, fields: dict[str, object], headers: Mapping[str, str]) -> Sent:
        """Below `/models/`, for the provider to put its project before."""
        if chat.counting:
            fields = {name: value for name, value in fields.items() if name != "anthropic_version"}
            return Sent("/models/count-tokens:rawPredict", headers, encoded(fields | {"model": chat.model}))
        method = "streamRawPredict" if chat.stream else "rawPredict"
        body = fields | ({"stream": True} if chat.stream else {})
        return Sent(f"/models/{quote(chat.model, safe='@')}:{method}", headers, encoded(body))


SHAPES.register(NAME)(VertexAnthropic())
