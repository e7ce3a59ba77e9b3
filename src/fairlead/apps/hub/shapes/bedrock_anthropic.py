"""Anthropic's messages on AWS Bedrock (InvokeModel, InvokeModelWithResponseStream, CountTokens).

Source: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html. Beta
features stand in the body (`anthropic_beta`); a stream's messages hold Anthropic's events in base64; tokens are counted
for a body that is given in base64.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from fairlead.apps.hub.calls import Chat, Delta, Failure, Reply, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES, Headers, Sent, StreamReader, anthropic, aws, sse
from fairlead.apps.hub.shapes.conversing import for_providers
from fairlead.apps.hub.shapes.eventstream import Frames
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded
from fairlead.apps.hub.shapes.hosted import betas, telling
from fairlead.apps.hub.shapes.reading import NOT_WHOLE

NAME = "bedrock_anthropic"
VERSION = "bedrock-2023-05-31"
KIND = {"content-type": "application/json", "accept": "application/json"}
OURS = anthropic.MESSAGES


def _told(chat: Chat, fields: dict[str, object], headers: Mapping[str, str]) -> Sent:
    """At its model."""
    asked = betas(headers)
    body = encoded(fields | ({"anthropic_beta": asked} if asked else {}))
    where = f"/model/{quote(chat.model, safe='')}"
    if chat.counting:
        counted = {"input": {"invokeModel": {"body": base64.b64encode(_limited(body)).decode()}}}
        return Sent(f"{where}/count-tokens", KIND, encoded(counted))
    method = "invoke-with-response-stream" if chat.stream else "invoke"
    return Sent(f"{where}/{method}", KIND, body)


def _take(call: Chat, headers: Headers, body: bytes) -> Reply:
    """A whole answer; of a count the tokens."""
    if not call.counting:
        return OURS.take(call, headers, body)
    count = Fields(decoded(body)).whole("inputTokens")
    if count is None:
        raise Unsayable("inputTokens is missing")
    return Reply("", call.model, (), usage=Usage(input=count))


def _limited(body: bytes) -> bytes:
    """What is counted has to be a whole call, with a limit for its answer."""
    fields = decoded(body)
    return encoded({"max_tokens": 1} | fields)


class FrameReader:
    """Reads Anthropic's events out of AWS's messages."""

    def __init__(self, inner: StreamReader) -> None:
        self._inner = inner
        self._frames = Frames()
        self._broken = False

    def feed(self, data: bytes) -> Sequence[Delta | Failure]:
        """What the piece completed."""
        found: list[Delta | Failure] = []
        try:
            for headers, payload in () if self._broken else self._frames.feed(data):
                failure = aws.read_exception(headers, payload)
                found += [failure] if failure is not None else self._inner.feed(_event(payload))
                if failure is not None:
                    break
        except Unsayable as error:
            found.append(Failure("provider", f"the provider's stream can't be read: {error}", 502))
        self._broken = self._broken or any(isinstance(one, Failure) for one in found)
        return found

    def close(self) -> Sequence[Delta | Failure]:
        """The end, which has to be that of a message."""
        if self._broken:
            return ()
        return self._inner.close() if self._frames.whole else (Failure("provider", NOT_WHOLE, 502),)


def _event(payload: bytes) -> bytes:
    """Anthropic's event, as it would come from Anthropic."""
    held = Fields(decoded(payload, "a message of the stream")).need("bytes")
    try:
        data = base64.b64decode(held, validate=True)
    except binascii.Error as error:
        raise Unsayable("a message of the stream should hold base64") from error
    return sse.event(data, Fields(decoded(data, "an event of the stream")).text("type") or "")


SHAPES.register(NAME)(
    for_providers(
        NAME,
        tell=telling(VERSION, _told),
        take=_take,
        reader=lambda call: FrameReader(OURS.reader(call)),
        usage=OURS.usage,
        read_failure=aws.read_failure,
        write_failure=OURS.write_failure,
        stream_type=b"application/vnd.amazon.eventstream",
    )
)
