"""OpenAI, strictly: chat completions, responses, embeddings, speech, transcriptions, moderations, models.

Source: https://platform.openai.com/docs/api-reference.
"""

from __future__ import annotations

import asyncio
import base64
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from tests.apps.hub.standins.cabinet import Cabinet
from tests.apps.hub.standins.openai_fields import (
    FORM,
    Chat,
    Completion,
    Embeddings,
    Image,
    Moderation,
    Speech,
    check_chat,
    fits,
    tool_of,
)
from tests.apps.hub.standins.openai_responses import Responses, check_items, events_of, response
from tests.apps.hub.standins.strict import (
    ARGUMENTS,
    THOUGHT,
    WORDS,
    Json,
    Refused,
    Standin,
    answer,
    bearer,
    events,
    read,
    unless,
    words,
)

USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 5,
    "total_tokens": 16,
    "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 2, "audio_tokens": 0},
}


SOUND = (b"ID3\x04", b" so", b"und")
EDIT = {"image", "prompt", "model", "n", "size", "mask", "quality", "background", "output_format", "response_format"}


@dataclass
class OpenAI(Standin):
    """OpenAI."""

    thinks: ClassVar[str | None] = None
    """The field in which reasoning is told, of a server that tells it."""
    asks: ClassVar[type[Chat]] = Chat

    cabinet: Cabinet = field(default_factory=Cabinet)

    def check(self, request: Request) -> None:
        """One key, as Bearer."""
        bearer(request, self.key)

    def error(self, refused: Refused) -> Response:
        """`{"error": …}`."""
        error = {"message": refused.message, "type": refused.kind, "param": None, "code": None}
        headers = {"retry-after": "2"} if refused.status == 429 else None
        return answer({"error": error}, refused.status, headers)

    def routes(self) -> Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]:
        """Below /v1."""
        yield "POST", "/v1/chat/completions", self.chat
        yield "POST", "/v1/responses", self.responses
        yield "POST", "/v1/completions", self.completions
        yield "POST", "/v1/images/generations", self.images
        yield "POST", "/v1/images/edits", self.edits
        yield "POST", "/v1/embeddings", self.embeddings
        yield "POST", "/v1/audio/speech", self.speech
        yield "POST", "/v1/audio/transcriptions", self.transcription
        yield "POST", "/v1/moderations", self.moderation
        yield "GET", "/v1/models", self.models
        yield from self.cabinet.files("/v1")
        yield from self.cabinet.batches("/v1")

    async def chat(self, request: Request, body: bytes) -> Response:
        """Says `WORDS`, or calls the tool that has to be called."""
        asked: Chat = read(self.asks, body, request.headers)
        check_chat(asked, self.thinks is not None)
        if asked.stream:
            return events(self._chunks(asked))
        content = "".join(words(fits(asked)))
        message: Json = {"role": "assistant", "content": content, "refusal": None, "annotations": []}
        if self.thinks is not None and asked.reasoning_effort not in (None, "none"):
            message[self.thinks] = THOUGHT
        reason = "stop"
        if (tool := tool_of(asked)) is not None:
            message |= {"content": None, "tool_calls": [_call(tool)]}
            reason = "tool_calls" if asked.tool_choice == "required" else "stop"
        choices = [
            {"index": index, "message": message, "logprobs": _logprobs(asked), "finish_reason": reason}
            for index in range(asked.n or 1)
        ]
        return answer(_head(asked, "chat.completion") | {"choices": choices, "usage": USAGE})

    def _chunks(self, asked: Chat) -> Iterator[Json | str]:
        usage = {"usage": None} if asked.stream_options and asked.stream_options.include_usage else {}
        tool = tool_of(asked)
        steps: list[Json] = [{"content": word} for word in words(fits(asked))]
        if self.thinks is not None and asked.reasoning_effort not in (None, "none"):
            steps.insert(0, {self.thinks: THOUGHT})
        if tool is not None:
            call = _call(tool)
            begun = call | {"index": 0, "function": {"name": tool, "arguments": ""}}
            more: list[Json] = [{"index": 0, "function": {"arguments": piece}} for piece in ('{"place"', ':"town"}')]
            steps = [{"tool_calls": [one]} for one in (begun, *more)]
        for delta in ({"role": "assistant", "content": None if tool else "", "refusal": None}, *steps):
            yield _head(asked, "chat.completion.chunk") | {"choices": [_choice(delta, None)]} | usage
        reason = "tool_calls" if tool and asked.tool_choice == "required" else "stop"
        yield _head(asked, "chat.completion.chunk") | {"choices": [_choice({}, reason)]} | usage
        if usage:
            yield _head(asked, "chat.completion.chunk") | {"choices": [], "usage": USAGE}
        yield "[DONE]"

    async def responses(self, request: Request, body: bytes) -> Response:
        """The same by the newer protocol."""
        asked: Responses = read(Responses, body, request.headers)
        check_items(asked)
        return events(events_of(asked)) if asked.stream else answer(response(asked))

    async def embeddings(self, request: Request, body: bytes) -> Response:
        """Two numbers each."""
        asked: Embeddings = read(Embeddings, body, request.headers)
        count = len(asked.input) if isinstance(asked.input, list) else 1
        vector: Any = [0.6, 0.8]
        if asked.encoding_format == "base64":
            vector = base64.b64encode(struct.pack("<2f", *vector)).decode()
        data = [{"object": "embedding", "index": index, "embedding": vector} for index in range(count)]
        usage = {"prompt_tokens": 4, "total_tokens": 4}
        return answer({"object": "list", "data": data, "model": asked.model, "usage": usage})

    async def speech(self, request: Request, body: bytes) -> Response:
        """Some bytes, in pieces; as events when asked so."""
        asked: Speech = read(Speech, body, request.headers)
        if asked.stream_format == "sse":
            sound = base64.b64encode(b"".join(SOUND)).decode()
            usage = {"input_tokens": 4, "output_tokens": 9, "total_tokens": 13}
            done = {"type": "speech.audio.done", "usage": usage}
            return events([{"type": "speech.audio.delta", "audio": sound}, done])

        async def told() -> AsyncIterator[bytes]:
            for piece in SOUND:
                yield piece
                await self.pace()

        return StreamingResponse(told(), media_type="audio/mpeg")

    async def pace(self) -> None:
        """Between two pieces of a sound."""
        await asyncio.sleep(0)

    async def completions(self, request: Request, body: bytes) -> Response:
        """`WORDS`, by the older protocol."""
        asked: Completion = read(Completion, body, request.headers)
        head = {"id": "cmpl-1", "object": "text_completion", "created": 1_741_569_952, "model": asked.model}
        if not asked.stream:
            choice = {"index": 0, "text": "".join(WORDS), "logprobs": None, "finish_reason": "stop"}
            return answer(head | {"choices": [choice], "usage": USAGE})
        one = {"index": 0, "logprobs": None, "finish_reason": None}
        told: list[Json | str] = [head | {"choices": [one | {"text": word}]} for word in WORDS]
        told.append(head | {"choices": [one | {"text": "", "finish_reason": "stop"}]})
        if asked.stream_options and asked.stream_options.include_usage:
            told.append(head | {"choices": [], "usage": USAGE})
        return events([*told, "[DONE]"])

    async def images(self, request: Request, body: bytes) -> Response:
        """One dot each."""
        asked: Image = read(Image, body, request.headers)
        return self._drawn(asked.n or 1)

    async def edits(self, request: Request, body: bytes) -> Response:
        """The same, of an image."""
        form = await request.form()
        unless({name.removesuffix("[]") for name in form} <= EDIT, "unknown field")
        unless(any(isinstance(value, UploadFile) for value in form.values()), "image is missing")
        return self._drawn(1)

    def _drawn(self, count: int) -> Response:
        usage: Json = {"input_tokens": 4, "output_tokens": 9, "total_tokens": 13}
        usage["input_tokens_details"] = {"text_tokens": 4, "image_tokens": 0}
        return answer({"created": 1_741_569_952, "data": [{"b64_json": "aW1hZ2U="}] * count, "usage": usage})

    async def transcription(self, request: Request, body: bytes) -> Response:
        """The size of the file."""
        form = await request.form()
        unless(
            {name.removesuffix("[]") for name in form} <= {name.removesuffix("[]") for name in FORM}, "unknown field"
        )
        unless(len(form.getlist("model")) == 1, "one model")
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Refused("file is missing")
        text = f"{file.filename} {len(await file.read())}"
        if form.get("response_format") in ("text", "srt", "vtt"):
            return PlainTextResponse(text)
        return answer({"text": text, "usage": {"type": "duration", "seconds": 9}})

    async def moderation(self, request: Request, body: bytes) -> Response:
        """Nothing is wrong."""
        asked: Moderation = read(Moderation, body, request.headers)
        verdict = {"flagged": False, "categories": {}, "category_scores": {}, "category_applied_input_types": {}}
        return answer({"id": "modr-1", "model": asked.model, "results": [verdict]})

    async def models(self, request: Request, body: bytes) -> Response:
        """One."""
        unless(not body, "a GET has no body")
        model = {"id": "gpt-town", "object": "model", "created": 1_686_935_002, "owned_by": "town"}
        return answer({"object": "list", "data": [model]})


def _head(asked: Chat, kind: str) -> Json:
    head = {"id": "chatcmpl-1", "object": kind, "created": 1_741_569_952, "model": asked.model}
    return head | {"service_tier": "default", "system_fingerprint": "fp_1"}


def _choice(delta: Any, reason: str | None) -> Json:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}


def _call(tool: str) -> Json:
    return {"id": "call_1", "type": "function", "function": {"name": tool, "arguments": json.dumps(ARGUMENTS)}}


def _logprobs(asked: Chat) -> Json | None:
    if not asked.logprobs:
        return None
    one = {"token": "Hello", "logprob": -0.3, "bytes": [72, 101, 108, 108, 111]}
    return {"content": [one | {"top_logprobs": [one] * (asked.top_logprobs or 0)}], "refusal": None}
