"""How much to reason, in OpenAI's words, and the settings that its protocols of conversations share."""

from __future__ import annotations

from fairlead.apps.hub.calls import Chat

FAMILY = ("", "openai_chat", "openai_responses", "mistral_chat")
SHARED = frozenset({"store", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "verbosity", "detail"})
"""The extras that chat completions and responses say in the same words."""


LOW, MEDIUM = 1_024, 8_192
"""Tokens up to which a budget is said as low and as medium effort: the same in the other direction stands on Google's
page on its OpenAI compatibility (https://ai.google.dev/gemini-api/docs/openai)."""

THOUGHTLESS = ("gpt-3", "gpt-4", "chatgpt-")
"""How models of OpenAI begin that do not reason, and refuse to be told how much."""


def effort_of(chat: Chat) -> str | None:
    """How much to reason, for a protocol that has words for it and none for tokens. Another protocol's client does not
    know which models reason: to those that don't nothing is said."""
    if chat.protocol not in FAMILY and chat.model.startswith(THOUGHTLESS):
        return None
    if chat.effort is not None:
        return "xhigh" if chat.effort == "max" and chat.protocol not in FAMILY else chat.effort
    return None if chat.thinking_tokens in (None, -1) else by_tokens(chat.thinking_tokens or 0)


def by_tokens(tokens: int) -> str:
    """A budget as effort."""
    if tokens == 0:
        return "none"
    return "low" if tokens <= LOW else "medium" if tokens <= MEDIUM else "high"
