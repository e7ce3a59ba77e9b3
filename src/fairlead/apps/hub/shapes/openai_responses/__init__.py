"""OpenAI's responses (`POST /v1/responses`) and the count of their input (`POST /v1/responses/input_tokens`).

Source: OpenAI's API reference (responses, streaming events).

How a response ended:

| here                                                  | in our words               |
|-------------------------------------------------------|----------------------------|
| completed                                             | stop; tools with calls of functions |
| incomplete: max_output_tokens                         | length; paused, error (not whole; only written) |
| incomplete: content_filter                            | filtered; refused (only written) |
| incomplete: any other reason                          | length                     |
| failed, cancelled                                     | error (in a stream: a failure) |

Mapped when a call comes from another protocol: a first message of the system is `instructions`; a tool of which nothing
was said is `strict: false`, as it is strict here and nowhere else; thinking of 0 tokens is effort `none`, of some
tokens low, medium or high effort, as much as the model likes is the default; that reasoning is told is `summary: auto`;
that a tool failed is told by what it gave back; a caching mark is not written, as prefixes are cached without.
Refused: stop, seed, more answers than one, top_k, penalties, names of participants, sounds and videos. In the other
direction whatever the provider keeps: `previous_response_id`, `conversation`, `prompt`, `background`, items by
reference, and tools that OpenAI runs.
"""

from __future__ import annotations

import re

import msgspec

from fairlead.apps.hub.calls import Operation, Usage
from fairlead.apps.hub.shapes import SHAPES, Place
from fairlead.apps.hub.shapes.conversing import Conversation
from fairlead.apps.hub.shapes.glancing import glanced
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.openai.usage import usage_in
from fairlead.apps.hub.shapes.openai_responses.asking import read_call
from fairlead.apps.hub.shapes.openai_responses.content import NAME
from fairlead.apps.hub.shapes.openai_responses.reader import EventReader
from fairlead.apps.hub.shapes.openai_responses.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.openai_responses.telling import write_call
from fairlead.apps.hub.shapes.openai_responses.writer import EventWriter
from fairlead.apps.hub.shapes.renaming import renamed


class _Count(msgspec.Struct):
    input_tokens: int


_COUNT = msgspec.json.Decoder(_Count)


def _usage(operation: Operation, body: bytes) -> Usage | None:
    if operation != "count":
        return usage_in(body)
    try:
        return Usage(input=_COUNT.decode(body).input_tokens)
    except (msgspec.MsgspecError, RecursionError):
        return None


SHAPES.register(NAME)(
    Conversation(
        name=NAME,
        places=(
            Place("POST", "/v1/responses", "chat"),
            Place("POST", "/v1/responses/input_tokens", "count"),
        ),
        glance=glanced,
        renamed=lambda place, body, model: renamed(body, model),
        ask=lambda place, path, headers, body: read_call(body, place.operation == "count"),
        tell=write_call,
        take=lambda call, headers, body: read_reply(call, body),
        give=write_reply,
        reader=lambda call: EventReader(),
        writer=EventWriter,
        usage=_usage,
        read_failure=failures.read_failure,
        write_failure=failures.write_failure,
        ended=re.compile(rb'"type"\s*:\s*"response\.(?:completed|incomplete|failed|cancelled)"'),
    )
)
