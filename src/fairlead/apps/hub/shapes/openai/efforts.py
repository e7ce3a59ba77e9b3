"""How much to reason, in OpenAI's words, and the settings that its protocols of conversations share."""

from __future__ import annotations

from fairlead.apps.hub.calls import Chat, Unsayable

SHARED = frozenset({"store", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "verbosity", "detail"})
"""The extras that chat completions and responses say in the same words."""


def effort_of(chat: Chat, protocol: str) -> str | None:
    """How much to reason, for a protocol that has words for it and none for tokens."""
    if chat.effort is not None or chat.thinking_tokens in (None, -1):
        return chat.effort
    if chat.thinking_tokens == 0:
        return "none"
    raise Unsayable(f"{protocol} has no words for `thinking_tokens`")
