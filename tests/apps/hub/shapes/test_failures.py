"""Errors in each vendor's published form, read and written, whole and amid a stream."""

from __future__ import annotations

import json

import pytest

from fairlead.apps.hub.calls import Chat, Delta, Failure, FailureKind, Reply, Text
from fairlead.apps.hub.shapes import SHAPES
from fairlead.apps.hub.shapes.failing import retry_after

ALL = ("openai_chat", "openai_responses", "openai_completions", "anthropic", "gemini", "cohere")
ASKED = Chat(model="m", messages=(), stream=True)


@pytest.mark.parametrize(
    ("protocol", "status", "body", "expected"),
    [
        (
            "openai_chat",
            401,
            (
                b'{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,'
                b'"code":"invalid_api_key"}}'
            ),
            Failure("unauthorized", "Incorrect API key provided", 401),
        ),
        (
            "openai_chat",
            400,
            (
                b'{"error":{"message":"too long","type":"invalid_request_error","param":"messages",'
                b'"code":"context_length_exceeded"}}'
            ),
            Failure("invalid", "too long", 400, "context_length_exceeded", "messages"),
        ),
        (
            "openai_chat",
            429,
            (
                b'{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,'
                b'"code":"insufficient_quota"}}'
            ),
            Failure("rate limited", "You exceeded your current quota", 429, "insufficient_quota"),
        ),
        (
            "openai_responses",
            400,
            b'{"error":{"message":"filtered","type":null,"param":"prompt","code":"content_filter"}}',
            Failure("filtered", "filtered", 400, None, "prompt"),
        ),
        ("openai_chat", 422, b'{"detail":"no such field"}', Failure("invalid", "no such field", 422)),
        ("openai_chat", 502, b"<html>Bad Gateway</html>", Failure("provider", "<html>Bad Gateway</html>", 502)),
        (
            "anthropic",
            529,
            b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_011"}',
            Failure("overloaded", "Overloaded", 529),
        ),
        (
            "anthropic",
            413,
            b'{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}',
            Failure("too large", "Request exceeds the maximum size", 413),
        ),
        (
            "gemini",
            400,
            (
                b'{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":'
                b'"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}'
            ),
            Failure("unauthorized", "API key not valid.", 400, "API_KEY_INVALID"),
        ),
        (
            "gemini",
            429,
            (
                b'[{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":'
                b'"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"}]}}]'
            ),
            Failure("rate limited", "quota", 429, retry_after_s=34.07),
        ),
        ("cohere", 498, b'{"message":"invalid token"}', Failure("unauthorized", "invalid token", 498)),
    ],
)
def test_a_vendors_error_is_read(protocol: str, status: int, body: bytes, expected: Failure) -> None:
    """As the vendor publishes it."""
    assert SHAPES.get(protocol).read_failure(status, {}, body) == expected


KINDS: list[tuple[FailureKind, int]] = [
    ("invalid", 400),
    ("unauthorized", 401),
    ("forbidden", 403),
    ("unknown", 404),
    ("rate limited", 429),
    ("provider", 500),
    ("overloaded", 503),
    ("timeout", 504),
]


@pytest.mark.parametrize("protocol", ALL)
@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_an_error_reads_the_same_after_it_was_written(protocol: str, kind: FailureKind, status: int) -> None:
    """Kind, message and when to try again."""
    shape, failure = SHAPES.get(protocol), Failure(kind, "no", status, retry_after_s=7.0)

    code, headers, body = shape.write_failure(failure)
    found = shape.read_failure(code, {name.encode(): value.encode() for name, value in headers.items()}, body)

    assert (found.kind, found.message, found.retry_after_s) == (kind, "no", 7.0)
    assert headers["retry-after"] == "7"


@pytest.mark.parametrize("protocol", ALL)
@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_an_error_amid_a_stream_is_heard(protocol: str, kind: FailureKind, status: int) -> None:
    """In the protocol's own form, and nothing after it."""
    shape = SHAPES.get(protocol)
    writer, reader = shape.writer(ASKED), shape.reader(ASKED)
    steps = (Delta(reply=Reply("r", "m", ())), Delta(begins=Text("")), Delta(text="half"))

    stream = b"".join(writer.write(step) for step in steps) + writer.fail(Failure(kind, "no", status))
    found = [*reader.feed(stream), *reader.feed(b"data: {}\n\n"), *reader.close()]

    assert [one.message for one in found if isinstance(one, Failure)] == ["no"]
    assert [one.text for one in found if isinstance(one, Delta) and one.text] == ["half"]


def test_an_error_of_a_stream_has_the_published_form() -> None:
    """What each SDK looks for."""
    failure = Failure("overloaded", "busy", 503)
    said = {name: SHAPES.get(name).writer(ASKED).fail(failure) for name in ALL}

    assert said["openai_chat"].startswith(b'data: {"error":{"message":"busy"')
    assert said["anthropic"].startswith(b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"')
    assert said["openai_responses"].startswith(b'event: error\ndata: {"type":"error","sequence_number":0')
    assert json.loads(said["gemini"][6:])["error"]["status"] == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({b"retry-after": b"20"}, 20.0),
        ({b"retry-after-ms": b"1500", b"retry-after": b"2"}, 1.5),
        ({b"retry-after": b"Wed, 21 Oct 2015 07:28:10 GMT", b"date": b"Wed, 21 Oct 2015 07:28:00 GMT"}, 10.0),
        ({b"retry-after": b"Wed, 21 Oct 2015 07:28:10 GMT"}, None),
        ({b"retry-after": b"soon"}, None),
        ({b"retry-after": b"nan"}, None),
        ({b"retry-after": b"-5"}, 0.0),
        ({}, None),
    ],
)
def test_when_to_try_again_is_told_in_seconds(headers: dict[bytes, bytes], seconds: float | None) -> None:
    """A date counts from the answer's own."""
    assert retry_after(headers) == seconds
