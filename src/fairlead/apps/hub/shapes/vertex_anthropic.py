"""Anthropic's messages on Google's Vertex AI.

Source: https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai. The path, from the model on, says
whether it streams (`:rawPredict`, `:streamRawPredict`); the body keeps `stream`. Tokens are counted by a model of their
own, `count-tokens`, which takes the real one in the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from fairlead.apps.hub.calls import Chat
from fairlead.apps.hub.shapes import SHAPES, Sent, anthropic
from fairlead.apps.hub.shapes.conversing import for_providers
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.shapes.hosted import telling

NAME = "vertex_anthropic"
VERSION = "vertex-2023-10-16"


def _told(chat: Chat, fields: dict[str, object], headers: Mapping[str, str]) -> Sent:
    """Below `/models/`, for the provider to put its project before."""
    if chat.counting:
        fields = {name: value for name, value in fields.items() if name != "anthropic_version"}
        return Sent("/models/count-tokens:rawPredict", headers, encoded(fields | {"model": chat.model}))
    method = "streamRawPredict" if chat.stream else "rawPredict"
    body = fields | ({"stream": True} if chat.stream else {})
    return Sent(f"/models/{quote(chat.model, safe='@')}:{method}", headers, encoded(body))


OURS = anthropic.MESSAGES
SHAPES.register(NAME)(
    for_providers(
        NAME,
        tell=telling(VERSION, _told),
        take=OURS.take,
        reader=OURS.reader,
        usage=OURS.usage,
        read_failure=OURS.read_failure,
        write_failure=OURS.write_failure,
    )
)
