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
as `max_tokens` to all others (Mistral and DeepSeek know no other); thinking of 0 tokens is effort `none`, as much as
the model likes is the default; that a tool failed is told by what it gave back; a caching mark is not written, as
prefixes are cached without. Reasoning of earlier turns is said when a provider of this shape made it. In answers, the
order of kinds within one message is reasoning, text, tools.
Refused: tokens for thinking, whether thinking is shown, `top_k` of another protocol, documents by URL, images in what
a tool gave back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Usage
from fairlead.apps.hub.shapes import SHAPES, Asked, Headers, Place, Sent, StreamReader, StreamWriter
from fairlead.apps.hub.shapes.glancing import glance
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.openai.usage import usage_in
from fairlead.apps.hub.shapes.openai_chat.asking import read_call
from fairlead.apps.hub.shapes.openai_chat.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.openai_chat.streams import ChunkReader, ChunkWriter
from fairlead.apps.hub.shapes.openai_chat.telling import NAME, write_call
from fairlead.apps.hub.shapes.refusing import chat_of, reply_of
from fairlead.apps.hub.shapes.renaming import renamed, with_usage


class OpenAIChat:
    """Chat completions."""

    name = NAME
    places: Sequence[Place] = (Place("POST", "/v1/chat/completions", "chat"),)
    stream_type = b"text/event-stream"

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """What is asked."""
        return glance(place, headers, body, usage=False)

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """The body with another model."""
        return with_usage(renamed(body, model))

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """The whole call."""
        return read_call(body)

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for a provider."""
        return write_call(chat_of(call, NAME))

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer."""
        return read_reply(body)

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """A whole answer for the client."""
        return write_reply(reply_of(reply, NAME))

    def reader(self, call: Chat) -> StreamReader:
        """For the stream of a provider."""
        return ChunkReader()

    def writer(self, call: Chat) -> StreamWriter:
        """For the stream of a client."""
        return ChunkWriter(call)

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """The usage of a whole answer or of one event."""
        return usage_in(body)

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error."""
        return failures.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """An error for the client."""
        return failures.write_failure(failure)


SHAPES.register(NAME)(OpenAIChat())
