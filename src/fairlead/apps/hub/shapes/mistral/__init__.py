"""Mistral's protocols where they differ from OpenAI's, whose paths they share; spoken to Mistral's own clients.

Source: https://docs.mistral.ai/api, and the models of the official `mistralai` client, which takes no answer without a
field. Mistral's clients are known by their `user-agent`; anybody else at the same paths speaks OpenAI's protocols.

| here                                                  | at OpenAI                                             |
|-------------------------------------------------------|-------------------------------------------------------|
| tool_choice `any`                                     | `required`                                            |
| random_seed                                           | seed                                                  |
| image_url, a string                                   | an object                                             |
| document_url                                          | file                                                  |
| content of chunks, `thinking` among them              | reasoning_content                                     |
| prefix, safe_prompt, prompt_mode                      | only `false` and any prompt_mode are left out         |
| ids of tool calls: nine letters and digits            | any; said to Mistral as nine made of them             |
| tool calls whole in streams; usage unasked            | in pieces; on request                                 |
| embeddings with id and usage; output_dimension        | dimensions                                            |
| transcriptions with model, language and usage         | text                                                  |
| files with sample_type and source                     | -                                                     |

Sealed reasoning is not told, as a chunk has no place for it; signed reasoning is.
"""

from __future__ import annotations

from fairlead.apps.hub.shapes import SHAPES, Place
from fairlead.apps.hub.shapes.conversing import Conversation
from fairlead.apps.hub.shapes.glancing import glanced
from fairlead.apps.hub.shapes.mistral.asking import AGENT, NAME, read_call
from fairlead.apps.hub.shapes.mistral.plain import MistralPlain
from fairlead.apps.hub.shapes.mistral.replies import ChunkWriter, write_reply
from fairlead.apps.hub.shapes.mistral.telling import write_call
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.openai.ends import CHUNKS
from fairlead.apps.hub.shapes.openai.usage import usage_in
from fairlead.apps.hub.shapes.openai_chat.replies import read_reply
from fairlead.apps.hub.shapes.openai_chat.streams import ChunkReader
from fairlead.apps.hub.shapes.renaming import renamed

SHAPES.register(NAME)(
    Conversation(
        name=NAME,
        places=(Place("POST", "/v1/chat/completions", "chat", AGENT),),
        glance=glanced,
        renamed=lambda place, body, model: renamed(body, model),
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
SHAPES.register(MistralPlain.name)(MistralPlain())
