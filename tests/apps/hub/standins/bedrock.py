"""AWS Bedrock, strictly: signatures are checked, then Converse and Claude's InvokeModel.

Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and AWS's page on Signature
4, from which the check here is written on its own, not by the hub's signer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from tests.apps.hub.standins.anthropic import SIGNATURE, Anthropic, Messages
from tests.apps.hub.standins.strict import (
    ARGUMENTS,
    THOUGHT,
    Camel,
    Json,
    Refused,
    Standin,
    answer,
    read,
    unless,
    words,
)

USAGE = {
    "inputTokens": 6,
    "outputTokens": 5,
    "totalTokens": 16,
    "cacheReadInputTokens": 3,
    "cacheWriteInputTokens": 2,
}
PROOF = re.compile(r"AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})")
ERRORS = {403: "InvalidSignatureException", 404: "ResourceNotFoundException", 429: "ThrottlingException"}


class Point(Camel):
    type: Literal["default"]
    ttl: Literal["5m", "1h"] | None = None


class Source(Camel):
    bytes: str


class Image(Camel):
    format: Literal["png", "jpeg", "gif", "webp"]
    source: Source


class Document(Camel):
    format: Literal["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"]
    name: str = Field(pattern=r"^[A-Za-z0-9()\[\]\-]+( [A-Za-z0-9()\[\]\-]+)*$")
    source: Source


class Use(Camel):
    tool_use_id: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    name: str
    input: Json


class ResultPart(Camel):
    text: str | None = None
    json_: Json | None = Field(default=None, alias="json")
    image: Image | None = None
    document: Document | None = None


class Result(Camel):
    tool_use_id: str
    content: list[ResultPart]
    status: Literal["success", "error"] | None = None


class Block(Camel):
    text: Annotated[str, Field(min_length=1)] | None = None
    image: Image | None = None
    document: Document | None = None
    tool_use: Use | None = None
    tool_result: Result | None = None
    reasoning_content: Json | None = None
    cache_point: Point | None = None


class Message(Camel):
    role: Literal["user", "assistant"]
    content: list[Block] = Field(min_length=1)


class SystemBlock(Camel):
    text: str | None = None
    cache_point: Point | None = None


class Inference(Camel):
    max_tokens: int | None = None
    temperature: float | None = Field(default=None, ge=0, le=1)
    top_p: float | None = Field(default=None, ge=0, le=1)
    stop_sequences: list[str] | None = None


class Spec(Camel):
    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    description: Annotated[str, Field(min_length=1)] | None = None
    input_schema: dict[Literal["json"], Json]
    strict: bool | None = None


class Tool(Camel):
    tool_spec: Spec | None = None
    cache_point: Point | None = None


class ToolConfig(Camel):
    tools: list[Tool] = Field(min_length=1)
    tool_choice: dict[Literal["auto", "any", "tool"], Json] | None = None


class Converse(Camel):
    """`POST /model/{id}/converse`, `…/converse-stream`."""

    messages: list[Message] = Field(min_length=1)
    system: list[SystemBlock] | None = None
    inference_config: Inference | None = None
    tool_config: ToolConfig | None = None
    output_config: Json | None = None
    service_tier: dict[Literal["type"], Literal["default", "flex", "priority", "reserved"]] | None = None
    request_metadata: dict[str, str] | None = None
    additional_model_request_fields: Json | None = None


class Invoked(Messages):
    """Anthropic's body at AWS: the model is in the path, the version here."""

    model: str = "from the path"
    anthropic_version: Literal["bedrock-2023-05-31"]
    anthropic_beta: list[str] | None = None
    stream: None = None


class Counted(Camel):
    """`POST /model/{id}/count-tokens`."""

    input: dict[Literal["invokeModel"], dict[Literal["body"], str]]


@dataclass
class Bedrock(Standin):
    """Bedrock in one region; knows one key that signs, and one API key."""

    id: str = "AKIDTOWN"
    secret: str = "town/" + "secret"
    region: str = "eu-west-1"

    def check(self, request: Request) -> None:
        """By the handler, who has the body."""

    def error(self, refused: Refused) -> Response:
        """A name in a header, a message in the body."""
        named = ERRORS.get(refused.status, "ValidationException")
        return answer({"message": refused.message}, refused.status, {"x-amzn-errortype": f"{named}:http://aws/"})

    def routes(self) -> Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]:
        """Models by their id in the path."""
        yield "POST", "/model/{model}/converse", self.converse
        yield "POST", "/model/{model}/converse-stream", self.converse_stream
        yield "POST", "/model/{model}/invoke", self.invoke
        yield "POST", "/model/{model}/count-tokens", self.count
        yield "POST", "/model/{model}/invoke-with-response-stream", self.invoke_stream

    def signature(self, request: Request, body: bytes) -> None:
        """Raises `Refused` unless the request bears the API key, or was signed for this region with this secret."""
        proof = request.headers.get("authorization", "")
        if proof == f"Bearer {self.key}":
            return
        found = PROOF.fullmatch(proof)
        at = request.headers.get("x-amz-date", "")
        span = f"{at[:8]}/{self.region}/bedrock/aws4_request"
        if found is None or found[1] != f"{self.id}/{span}":
            raise Refused("The security token included in the request is invalid", 403)
        names = found[2].split(";")
        unless({"host", "x-amz-date"} <= set(names), "host and date should be signed", 403)
        lines = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
        path = quote(request.scope["raw_path"].decode(), safe="/-_.~")
        digest = hashlib.sha256(body).hexdigest()
        asked = f"{request.method}\n{path}\n{request.url.query}\n{lines}\n{found[2]}\n{digest}"
        text = f"AWS4-HMAC-SHA256\n{at}\n{span}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        key = f"AWS4{self.secret}".encode()
        for piece in span.split("/"):
            key = hmac.digest(key, piece.encode(), "sha256")
        right = hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), found[3])
        unless(right, "The request signature we calculated does not match the signature you provided", 403)

    async def converse(self, request: Request, body: bytes) -> Response:
        """Says `WORDS`, or uses the tool that has to be used."""
        asked = self._asked(request, body)
        tool = tool_of(asked)
        use: Json = {"toolUse": {"toolUseId": "tooluse_1", "name": tool, "input": ARGUMENTS}}
        thought: Json = {"reasoningContent": {"reasoningText": {"text": THOUGHT, "signature": SIGNATURE}}}
        content = [thought] if thinks(asked) else []
        content.append(use if tool else {"text": "".join(words(asked.output_config is not None))})
        message = {"role": "assistant", "content": content}
        reason = "tool_use" if tool else "end_turn"
        told = {"output": {"message": message}, "stopReason": reason, "usage": USAGE, "metrics": {"latencyMs": 9}}
        return answer(told, headers={"x-amzn-requestid": "r1"})

    async def converse_stream(self, request: Request, body: bytes) -> Response:
        """The same in messages."""
        return _framed(_messages(self._asked(request, body)))

    def _asked(self, request: Request, body: bytes) -> Converse:
        self.signature(request, body)
        asked: Converse = read(Converse, body, request.headers)
        roles = [message.role for message in asked.messages]
        unless(roles[0] == "user", "a conversation begins with the user")
        unless(all(one != two for one, two in pairwise(roles)), "roles should take turns")
        waiting: set[str] = set()
        for message in asked.messages:
            unless(all(len(block.model_fields_set) == 1 for block in message.content), "a block has one field")
            results = {block.tool_result.tool_use_id for block in message.content if block.tool_result}
            unless(results == waiting, "each toolUse should be followed by its toolResult")
            waiting = {block.tool_use.tool_use_id for block in message.content if block.tool_use}
        unless(not waiting, "toolUse without toolResult")
        return asked

    async def invoke(self, request: Request, body: bytes) -> Response:
        """Claude, as at Anthropic."""
        self.signature(request, body)
        return Anthropic().told(self._invoked(request, body))

    async def count(self, request: Request, body: bytes) -> Response:
        """Eleven, of a call that is given in base64."""
        self.signature(request, body)
        counted: Counted = read(Counted, body, request.headers)
        held = base64.b64decode(counted.input["invokeModel"]["body"], validate=True)
        read(Invoked, held, request.headers)
        return answer({"inputTokens": 11})

    async def invoke_stream(self, request: Request, body: bytes) -> Response:
        """Anthropic's events in base64."""
        self.signature(request, body)
        asked = self._invoked(request, body)
        Anthropic().told(asked)
        told = (base64.b64encode(json.dumps(event).encode()).decode() for _, event in Anthropic().events(asked))
        return _framed(("chunk", {"bytes": one, "p": "abcd"}) for one in told)

    def _invoked(self, request: Request, body: bytes) -> Invoked:
        unless(b'"model"' not in body, "model: Extra inputs are not permitted")
        asked: Invoked = read(Invoked, body, request.headers)
        return asked.model_copy(update={"model": request.path_params["model"]})


def tool_of(asked: Converse) -> str | None:
    """The tool that has to be used."""
    config = asked.tool_config
    choice = (config.tool_choice if config else None) or {}
    if config is None or not {"any", "tool"} & set(choice):
        return None
    named = choice.get("tool", {}).get("name")
    return named or next(tool.tool_spec.name for tool in config.tools if tool.tool_spec)


def thinks(asked: Converse) -> bool:
    """Whether Claude's or Nova's thinking is asked for."""
    fields = asked.additional_model_request_fields or {}
    unless(
        fields.keys() <= {"thinking", "output_config", "top_k", "reasoningConfig", "inferenceConfig"}, "unknown field"
    )
    return any(fields.get(name, {}).get("type") in ("enabled", "adaptive") for name in ("thinking", "reasoningConfig"))


def _messages(asked: Converse) -> Iterator[tuple[str, Json]]:
    tool, number = tool_of(asked), 0
    yield "messageStart", {"role": "assistant"}
    if thinks(asked):
        for delta in ({"text": THOUGHT}, {"signature": SIGNATURE}):
            yield "contentBlockDelta", {"delta": {"reasoningContent": delta}, "contentBlockIndex": 0}
        yield "contentBlockStop", {"contentBlockIndex": 0}
        number = 1
    if tool is not None:
        yield (
            "contentBlockStart",
            {"start": {"toolUse": {"toolUseId": "tooluse_1", "name": tool}}, "contentBlockIndex": number},
        )
    pieces: list[Any] = [{"toolUse": {"input": piece}} for piece in ('{"place"', ':"town"}')]
    said = words(asked.output_config is not None)
    for delta in pieces if tool else [{"text": word} for word in said]:
        yield "contentBlockDelta", {"delta": delta, "contentBlockIndex": number}
    yield "contentBlockStop", {"contentBlockIndex": number}
    yield "messageStop", {"stopReason": "tool_use" if tool else "end_turn"}
    yield "metadata", {"usage": USAGE, "metrics": {"latencyMs": 9}}


def _framed(messages: Iterable[tuple[str, Json]]) -> Response:
    """AWS's binary framing."""

    async def told() -> Any:
        for kind, fields in messages:
            headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
            head = b"".join(
                bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
                for name, value in headers.items()
            )
            payload = json.dumps(fields).encode()
            prelude = struct.pack(">II", 16 + len(head) + len(payload), len(head))
            message = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + payload
            yield message + struct.pack(">I", zlib.crc32(message))

    return StreamingResponse(told(), media_type="application/vnd.amazon.eventstream")
