"""OpenAI's chat completions (`POST /v1/chat/completions`), and what other vendors add to it.

Source: OpenAI's API reference, chat completions. Beside it are read and written: `reasoning_content` (DeepSeek, vLLM,
SGLang; `reasoning` is read too), `reasoning_details` (OpenRouter) for reasoning that is signed or sealed,
`extra_content.google.thought_signature` (Google's own endpoint of this shape), `message.images` (OpenRouter),
`video_url` (vLLM), `cache_control` in a part and `top_k`.

Finish reasons:

| here                                     | in our words         |
|------------------------------------------|----------------------|
| stop                                     | stop                 |
| stop, with tool calls (a tool was forced) | tools               |
| tool_calls, function_call                | tools                |
| length, model_length (Mistral)           | length               |
| content_filter                           | filtered; refused    |
| error, insufficient_system_resource      | error                |
| length                                   | paused, error (not whole; only written) |

Mapped when a call comes from another protocol: `max_tokens` is said as `max_completion_tokens` to OpenAI's models and
as `max_tokens` to all others (Mistral and DeepSeek know no other); thinking of 0 tokens is effort `none`, of some
tokens low, medium or high effort, as much as the model likes is the default; models of OpenAI that do not reason are
not told how much; whether thinking is shown is not said, as vendors show it or not; that a tool failed is told by what
it gave back; a caching mark is not written, as prefixes are cached without. Reasoning of earlier turns is said when a
provider of this shape made it. In answers, the order of kinds within one message is reasoning, text, tools.
Refused: `top_k` of another protocol, documents by URL, images in what a tool gave back.
"""

from __future__ import annotations

from fairlead.apps.hub.shapes import SHAPES, Place
from fairlead.apps.hub.shapes.conversing import Conversation
from fairlead.apps.hub.shapes.glancing import glanced_without_usage
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.openai.ends import CHUNKS
from fairlead.apps.hub.shapes.openai.usage import usage_in
from fairlead.apps.hub.shapes.openai_chat.asking import read_call
from fairlead.apps.hub.shapes.openai_chat.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.openai_chat.streams import ChunkReader, ChunkWriter
from fairlead.apps.hub.shapes.openai_chat.telling import NAME, write_call
from fairlead.apps.hub.shapes.renaming import renamed, with_usage

SHAPES.register(NAME)(
    Conversation(
        name=NAME,
        places=(Place("POST", "/v1/chat/completions", "chat"),),
        glance=glanced_without_usage,
        renamed=lambda place, body, model: with_usage(renamed(body, model)),
        ask=lambda place, path, headers, body: read_call(body),
        tell=write_call,
        take=lambda call, headers, body: read_reply(body),
        give=lambda call, reply: write_reply(reply),
        reader=lambda call: ChunkReader(),
        writer=ChunkWriter,
        usage=lambda operation, body: usage_in(body),
        read_failure=failures.read_failure,
        write_failure=failures.write_failure,
        ended=CHUNKS,
    )
)
