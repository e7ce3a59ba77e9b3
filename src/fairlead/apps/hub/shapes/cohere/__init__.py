"""Cohere's chat (`POST /v2/chat`).

Source: Cohere's API reference (chat v2, streaming, errors).

Finish reasons:

| here                    | in our words                                |
|-------------------------|---------------------------------------------|
| COMPLETE, STOP_SEQUENCE | stop                                        |
| MAX_TOKENS              | length; paused (not whole; only written)    |
| TOOL_CALL               | tools                                       |
| ERROR, TIMEOUT          | error; refused, filtered (only written)     |

A model's plan for tools is reasoning. An answer does not name its model: the one that was asked for is told.
Mapped when a call comes from another protocol: developer is system; effort `none` is thinking disabled, any other is
thinking enabled; where one very tool has to be used, it alone is told of, and has to be used; strict tools are
`strict_tools`; that a tool failed is told by what it gave back; the name, the description and the strictness of a
form are not said, as Cohere holds to every form; tiers `auto` and `default` are not said; a caching mark is not
written, as Cohere caches by itself; a refusal is text. Cohere's clients have no place for sealed reasoning: it is not
told.
Left out: user and metadata, which bear on no answer, and whether thinking is shown, as Cohere shows it.
Refused: more answers than one, one tool at a time, logprobs (Cohere's are not token by token), other tiers, names of
participants, documents, sounds, videos.

"""

from __future__ import annotations

import re

from fairlead.apps.hub.shapes import SHAPES, Place
from fairlead.apps.hub.shapes.cohere import failures
from fairlead.apps.hub.shapes.cohere.asking import NAME, read_call
from fairlead.apps.hub.shapes.cohere.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.cohere.streams import EventReader, EventWriter
from fairlead.apps.hub.shapes.cohere.telling import write_call
from fairlead.apps.hub.shapes.cohere.usage import usage_in
from fairlead.apps.hub.shapes.conversing import Conversation
from fairlead.apps.hub.shapes.glancing import glanced
from fairlead.apps.hub.shapes.renaming import renamed

SHAPES.register(NAME)(
    Conversation(
        name=NAME,
        places=(Place("POST", "/v2/chat", "chat"),),
        glance=glanced,
        renamed=lambda place, body, model: renamed(body, model),
        ask=lambda place, path, headers, body: read_call(body),
        tell=write_call,
        take=lambda call, headers, body: read_reply(call, body),
        give=lambda call, reply: write_reply(reply),
        reader=lambda call: EventReader(call.model),
        writer=EventWriter,
        usage=lambda operation, body: usage_in(body),
        read_failure=failures.read_failure,
        write_failure=failures.write_failure,
        ended=re.compile(rb'"type"\s*:\s*"message-end"'),
    )
)
