"""Perplexity: answers with searches; it has no tools and one answer at a time, and no list of models.

Source: https://docs.perplexity.ai/api-reference/chat-completions-post.
"""

from __future__ import annotations

from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.kinds import Compatible, Quirks, lacking

PROVIDERS.register("perplexity")(
    Compatible(
        name="perplexity",
        url="https://api.perplexity.ai",
        variable="PERPLEXITY_API_KEY",
        shape="openai_chat",
        speaks={"chat": ("openai_chat",)},
        quirks=Quirks(
            lacks=lacking("tools", "tool_choice", "logprobs", "top_logprobs", "logit_bias", "seed", n=b"1"),
            renames={"max_completion_tokens": "max_tokens"},
            drops=frozenset({"stream_options", "parallel_tool_calls"}),
        ),
    )
)
