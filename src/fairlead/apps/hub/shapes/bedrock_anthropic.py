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

from fairlead.apps.hub.calls import Chat, Delta, Failure, Plain, Reply, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES, Headers, Sent, StreamReader, aws, sse
from fairlead.apps.hub.shapes.eventstream import Frames
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded
from fairlead.apps.hub.shapes.hosted import OURS, HostedAnthropic, betas
from fairlead.apps.hub.shapes.reading import NOT_WHOLE

NAME = "bedrock_anthropic"
KIND = {"content-type": "application/json", "accept": "application/json"}


class BedrockAnthropic(HostedAnthropic):
    """Claude at AWS."""

    name = NAME
    version = "bedrock-2023-05-31"
    stream_type = b"application/vnd.amazon.eventstream"

    def told(self, chat: Chat, fields: dict[str, object], headers: Mapping[str, str]) -> Sent:
        """At its model."""
        asked = betas(headers)
        body = encoded(fields | ({"anthropic_beta": asked} if asked else {}))
        where = f"/model/{quote(chat.model, safe='')}"
        if chat.counting:
            counted = {"input": {"invokeModel": {"body": base64.b64encode(_limited(body)).decode()}}}
            return Sent(f"{where}/count-tokens", KIND, encoded(counted))
        method = "invoke-with-response-stream" if chat.stream else "invoke"
        return Sent(f"{where}/{method}", KIND, body)

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer; of a count the tokens."""
        if not isinstance(call, Chat) or not call.counting:
            return OURS.read_reply(call, headers, body)
        count = Fields(decoded(body)).whole("inputTokens")
        if count is None:
            raise Unsayable("inputTokens is missing")
        return Reply("", call.model, (), usage=Usage(input=count))

    def reader(self, call: Chat) -> StreamReader:
        """For the stream of a provider."""
        return FrameReader(OURS.reader(call))

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """AWS's error."""
        return aws.read_failure(status, headers, body)


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


SHAPES.register(NAME)(BedrockAnthropic())
