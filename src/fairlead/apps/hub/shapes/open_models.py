"""Chat completions as those take them who serve open models (vLLM, llama.cpp, OpenRouter, …): OpenAI's, and `top_k`.

What a client writes in chat completions is passed on to them as it is; this is for clients of other protocols, which
have `top_k` of their own, that OpenAI itself refuses.
"""

from __future__ import annotations

from dataclasses import replace

from fairlead.apps.hub.calls import Chat
from fairlead.apps.hub.shapes import SHAPES, Sent
from fairlead.apps.hub.shapes.conversing import for_providers
from fairlead.apps.hub.shapes.fields import decoded, encoded
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.openai.usage import usage_in
from fairlead.apps.hub.shapes.openai_chat import telling
from fairlead.apps.hub.shapes.openai_chat.replies import read_reply
from fairlead.apps.hub.shapes.openai_chat.streams import ChunkReader

NAME = "open_models_chat"


def write_call(chat: Chat) -> Sent:
    """The call. Raises `Unsayable` for what chat completions have no words for."""
    sent = telling.write_call(replace(chat, top_k=None))
    if chat.top_k is None:
        return sent
    return Sent(sent.path, sent.headers, encoded(decoded(sent.body) | {"top_k": chat.top_k}))


SHAPES.register(NAME)(
    for_providers(
        NAME,
        tell=write_call,
        take=lambda call, headers, body: read_reply(body),
        reader=lambda call: ChunkReader(),
        usage=lambda operation, body: usage_in(body),
        read_failure=failures.read_failure,
        write_failure=failures.write_failure,
    )
)
