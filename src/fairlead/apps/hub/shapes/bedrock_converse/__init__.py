"""AWS Bedrock's Converse: one protocol for all models of Bedrock. For providers only.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and …_ConverseStream.html.

Stop reasons:

| here                                        | in our words |
|---------------------------------------------|--------------|
| end_turn, stop_sequence                     | stop         |
| max_tokens, model_context_window_exceeded   | length       |
| tool_use                                    | tools        |
| guardrail_intervened, content_filtered      | filtered     |
| all others (malformed_…)                    | error        |

Mapped: developer is system; what tools gave back, one message each elsewhere, is one turn of the user; a caching mark
is a cache point after its part; a tool's result that is a JSON object is said as `json`; tool choice `none` leaves the
tools out where none was used yet; the tokens read from and written to the cache are part of the input in our words and
not in Converse's. Reasoning of other providers is not said.
Refused: seed, more answers than one, penalties, logprobs, `top_k`, effort, tokens for thinking, one tool at a time,
user, JSON without a schema, names of participants, anything by URL, sounds (these are fields of single models:
`bedrock_anthropic` has Claude's).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES, Asked, Headers, Place, Sent, StreamReader, StreamWriter, aws
from fairlead.apps.hub.shapes.bedrock_converse.blocks import NAME
from fairlead.apps.hub.shapes.bedrock_converse.replies import MessageReader, read_reply, usage_in
from fairlead.apps.hub.shapes.bedrock_converse.telling import write_call
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.refusing import chat_of


class BedrockConverse:
    """Converse and ConverseStream."""

    name = NAME
    places: Sequence[Place] = ()
    stream_type = b"application/vnd.amazon.eventstream"

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """No client speaks it."""
        raise Unsayable(f"{NAME} is spoken to providers only")

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """No client speaks it."""
        raise Unsayable(f"{NAME} is spoken to providers only")

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """No client speaks it."""
        raise Unsayable(f"{NAME} is spoken to providers only")

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for a provider."""
        return write_call(chat_of(call, NAME))

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer."""
        return read_reply(chat_of(call, NAME), headers, body)

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """No client speaks it."""
        raise Unsayable(f"{NAME} is spoken to providers only")

    def reader(self, call: Chat) -> StreamReader:
        """For the stream of a provider."""
        return MessageReader(call)

    def writer(self, call: Chat) -> StreamWriter:
        """No client speaks it."""
        raise Unsayable(f"{NAME} is spoken to providers only")

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """The usage of a whole answer."""
        return usage_in(body)

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error."""
        return aws.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """In OpenAI's form: no client speaks this protocol."""
        return failures.write_failure(failure)


SHAPES.register(NAME)(BedrockConverse())
