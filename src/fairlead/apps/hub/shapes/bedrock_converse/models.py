"""What only some of Bedrock's models have, in the words of each: how much to think, and `top_k`.

They stand in `additionalModelRequestFields`. Sources: AWS's pages on Claude's extended and adaptive thinking, on Nova
(`reasoningConfig`, `inferenceConfig.topK`), on DeepSeek and on OpenAI's open models in the Bedrock user guide.
"""

from __future__ import annotations

from fairlead.apps.hub.calls import Chat, Json
from fairlead.apps.hub.shapes.bedrock_converse.blocks import NAME
from fairlead.apps.hub.shapes.openai.efforts import by_tokens
from fairlead.apps.hub.shapes.refusing import refuse

NOVA_EFFORTS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}


def of_model(chat: Chat) -> Json:
    """The fields. Raises `Unsayable` for a model that is not known to have them."""
    if "claude" in chat.model:
        return _claude(chat)
    if "nova" in chat.model:
        return _nova(chat)
    effort = _effort(chat)
    if "gpt-oss" in chat.model:
        refuse(NAME, top_k=chat.top_k)
        return {} if effort is None else {"reasoning_effort": effort}
    refuse(NAME, top_k=chat.top_k, effort=None if effort == "none" else effort)
    return {}


def _effort(chat: Chat) -> str | None:
    if chat.effort is not None or chat.thinking_tokens in (None, -1):
        return chat.effort
    return by_tokens(chat.thinking_tokens or 0)


def _claude(chat: Chat) -> Json:
    """As at Anthropic."""
    fields: Json = {} if chat.top_k is None else {"top_k": chat.top_k}
    tokens = 0 if chat.effort == "none" else chat.thinking_tokens
    if tokens is not None:
        budget = {"type": "enabled", "budget_tokens": tokens} if tokens > 0 else {"type": "adaptive"}
        fields["thinking"] = {"type": "disabled"} if tokens == 0 else budget
    if chat.effort not in (None, "none"):
        fields["output_config"] = {"effort": "low" if chat.effort == "minimal" else chat.effort}
    return fields


def _nova(chat: Chat) -> Json:
    fields: Json = {} if chat.top_k is None else {"inferenceConfig": {"topK": chat.top_k}}
    effort = _effort(chat)
    if effort == "none":
        fields["reasoningConfig"] = {"type": "disabled"}
    elif effort is not None:
        fields["reasoningConfig"] = {"type": "enabled", "maxReasoningEffort": NOVA_EFFORTS.get(effort, effort)}
    return fields
