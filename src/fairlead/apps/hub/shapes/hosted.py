"""Anthropic's messages at another address: the model in the path, the version in the body, the rest as Anthropic's.

For providers only: no client speaks it to the hub.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fairlead.apps.hub.calls import Chat
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.anthropic.telling import write_call
from fairlead.apps.hub.shapes.renaming import taken_apart

Told = Callable[[Chat, dict[str, object], Mapping[str, str]], Sent]
"""Where a call goes, of Anthropic's fields without model and stream, and of the headers without the version."""


def telling(version: str, told: Told) -> Callable[[Chat], Sent]:
    """Writes calls for whoever hosts it; `version` is `anthropic_version` in the body."""

    def write(chat: Chat) -> Sent:
        sent = write_call(chat)
        fields = taken_apart(sent.body)
        said = {name: value for name, value in fields.items() if name not in ("model", "stream")}
        headers = {name: value for name, value in sent.headers.items() if name != "anthropic-version"}
        return told(chat, {"anthropic_version": version} | said, headers)

    return write


def betas(headers: Mapping[str, str]) -> list[str]:
    """The features that are asked for by header, for who takes them in the body."""
    return [one.strip() for one in headers.get("anthropic-beta", "").split(",") if one.strip()]
