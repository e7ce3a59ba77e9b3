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
Left out: user, which bears on no answer.
Refused: seed, more answers than one, penalties, logprobs, one tool at a time, JSON without a schema, `top_k`, effort
and tokens for thinking of models whose own words for it are not known (`models`), names of participants, anything by
URL, sounds (these are fields of single models: `bedrock_anthropic` has Claude's).
"""

from __future__ import annotations

from fairlead.apps.hub.shapes import SHAPES, aws
from fairlead.apps.hub.shapes.bedrock_converse.blocks import NAME
from fairlead.apps.hub.shapes.bedrock_converse.replies import MessageReader, read_reply, usage_in
from fairlead.apps.hub.shapes.bedrock_converse.telling import write_call
from fairlead.apps.hub.shapes.conversing import for_providers
from fairlead.apps.hub.shapes.openai import failures

SHAPES.register(NAME)(
    for_providers(
        NAME,
        tell=write_call,
        take=read_reply,
        reader=MessageReader,
        usage=lambda operation, body: usage_in(body),
        read_failure=aws.read_failure,
        write_failure=failures.write_failure,
        stream_type=b"application/vnd.amazon.eventstream",
    )
)
