"""Anthropic's messages (`POST /v1/messages`) and their count (`POST /v1/messages/count_tokens`).

Source: Anthropic's API reference (Messages, streaming, errors, prompt caching, thinking, versions).

Stop reasons:

| here                                   | in our words                |
|----------------------------------------|-----------------------------|
| end_turn, stop_sequence                | stop                        |
| max_tokens, model_context_window_exceeded | length                   |
| tool_use                               | tools                       |
| refusal                                | refused; filtered (only written) |
| pause_turn                             | paused                      |
| max_tokens                             | error (not whole; only written) |

Mapped when a call comes from another protocol: messages of the system before all others are `system`, later ones
messages of the role `system`; developer is system; `user` is `metadata.user_id`; what tools gave back, one message
each elsewhere, is one turn of the user; the name, the description and the strictness of a form are not said, as
Anthropic holds to every form; effort is `output_config.effort` (`none`: thinking disabled); a refusal is text; an
empty text is left out; an answer without a limit gets one (`telling.MOST_TOKENS`), as Anthropic asks for one; tiers
`auto` and `default` are `auto` and `standard_only`.
Left out: metadata other than the user, which bears on no answer.
Refused: seed, more answers than one, penalties, logprobs, names of participants, a
temperature above 1, JSON without a schema, the effort `minimal`, other tiers, sounds and videos.

"""

from __future__ import annotations

import re

from fairlead.apps.hub.shapes import SHAPES, Place
from fairlead.apps.hub.shapes.anthropic import failures
from fairlead.apps.hub.shapes.anthropic.asking import read_call
from fairlead.apps.hub.shapes.anthropic.blocks import NAME
from fairlead.apps.hub.shapes.anthropic.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.anthropic.streams import EventReader, EventWriter
from fairlead.apps.hub.shapes.anthropic.telling import write_call
from fairlead.apps.hub.shapes.anthropic.usage import counted, usage_in
from fairlead.apps.hub.shapes.conversing import Conversation
from fairlead.apps.hub.shapes.glancing import glanced
from fairlead.apps.hub.shapes.renaming import renamed

MESSAGES = Conversation(
    name=NAME,
    places=(
        Place("POST", "/v1/messages", "chat"),
        Place("POST", "/v1/messages/count_tokens", "count"),
    ),
    glance=glanced,
    renamed=lambda place, body, model: renamed(body, model),
    ask=lambda place, path, headers, body: read_call(headers, body, place.operation == "count"),
    tell=write_call,
    take=lambda call, headers, body: read_reply(call, body),
    give=lambda call, reply: write_reply(reply),
    reader=lambda call: EventReader(),
    writer=EventWriter,
    usage=lambda operation, body: counted(body) if operation == "count" else usage_in(body),
    read_failure=failures.read_failure,
    write_failure=failures.write_failure,
    ended=re.compile(rb'"type"\s*:\s*"message_stop"'),
)
SHAPES.register(NAME)(MESSAGES)
