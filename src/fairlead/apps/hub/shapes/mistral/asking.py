"""A call of Mistral's chat completions, read into our words by way of OpenAI's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fairlead.apps.hub.calls import Chat, Json
from fairlead.apps.hub.shapes.fields import decoded, encoded
from fairlead.apps.hub.shapes.openai_chat import asking

NAME = "mistral_chat"
AGENT = b"mistral-client"
"""How the `user-agent` of Mistral's clients begins."""


def read_call(body: bytes) -> Chat:
    """The whole call. Raises `Unsayable`."""
    asked = decoded(body)
    chat = asking.read_call(encoded(_neutral(asked)) if isinstance(asked, dict) else body)
    return replace(chat, protocol=NAME, stream_usage=True)


def _neutral(asked: Json) -> Json:
    """In OpenAI's words, where those differ."""
    told = {{"random_seed": "seed"}.get(name, name): value for name, value in asked.items()}
    if told.get("tool_choice") == "any":
        told["tool_choice"] = "required"
    if isinstance(told.get("messages"), list):
        told["messages"] = [_message(message) for message in told["messages"]]
    return told


def _message(message: Any) -> Any:
    """Calls of tools may be given as an object instead of JSON in a string, and without their type."""
    if not isinstance(message, dict) or not isinstance(message.get("tool_calls"), list):
        return message
    return message | {"tool_calls": [_call(call) for call in message["tool_calls"]]}


def _call(call: Any) -> Any:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("arguments"), dict):
        return call
    return call | {"function": function | {"arguments": encoded(function["arguments"]).decode()}}
