"""What came of an exchange, read from a line in memory."""

from __future__ import annotations

import json
from typing import Any

from tests.apps.hub.routes.tables import provider
from tests.apps.hub.serving.fakes import FakeLine, Town

BODY = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
STREAMED = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
STREAMED_USAGE = b'{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]}'


def town(route: Any = "one/m", **more: Any) -> Town:
    """Two providers with a key each, and a model called m."""
    providers = {"one": provider("ONE"), "two": provider("TWO")} | more
    return Town({"providers": providers, "models": {"m": route}})


def body_of(line: FakeLine) -> bytes:
    """What the client got, without the framing."""
    head, _, rest = line.data.partition(b"\r\n\r\n")
    if b"chunked" not in head:
        return rest
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return body


def status(line: FakeLine) -> int:
    """What the client was told."""
    return int(line.data.split(b" ")[1])


def events(line: FakeLine) -> list[Any]:
    """The data of the events of a stream."""
    found = [one[6:] for one in body_of(line).split(b"\n\n") if one.startswith(b"data: ")]
    return [json.loads(one) if one != b"[DONE]" else one for one in found]
