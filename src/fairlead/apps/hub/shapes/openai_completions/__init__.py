"""OpenAI's completions (`POST /v1/completions`), the older protocol of one text that is gone on with.

Source: OpenAI's API reference, completions (legacy). Finish reasons are those of chat completions.

To another protocol a prompt is what a user says, so the model answers it instead of going on with it; several prompts,
tokens as a prompt, `suffix`, `echo`, `best_of` and `logit_bias` are refused there. In the other direction a call of one
text by one user is said, and all else refused. Reasoning is not told to clients of this protocol.
"""

from __future__ import annotations

from fairlead.apps.hub.shapes import SHAPES, Place
from fairlead.apps.hub.shapes.conversing import Conversation
from fairlead.apps.hub.shapes.glancing import glanced_without_usage
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.openai.ends import CHUNKS
from fairlead.apps.hub.shapes.openai.usage import usage_in
from fairlead.apps.hub.shapes.openai_completions.asking import NAME, read_call, write_call
from fairlead.apps.hub.shapes.openai_completions.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.openai_completions.streams import ChunkReader, ChunkWriter
from fairlead.apps.hub.shapes.renaming import renamed, with_usage

SHAPES.register(NAME)(
    Conversation(
        name=NAME,
        places=(Place("POST", "/v1/completions", "completion"),),
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
