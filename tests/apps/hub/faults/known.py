"""Each fault of a provider, and what becomes of a call: the table of docs/explanation/hub-faults.md is made of this."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import Literal

from tests.apps.hub.faults.hostile import HEAD, LAST, STREAM, Script, Then, chunk, error, whole
from tests.apps.hub.serving.fakes import ANSWER, DONE, FINISH, ROLE, USAGE, word

from fairlead.apps.hub.calls import FailureKind

LONG = b"a" * 65536
HALF = ANSWER[: len(ANSWER) // 2]
BEGUN = (STREAM, chunk(ROLE), chunk(word("a")), chunk(word("b")))
"""A stream with two tokens, of which more should come."""
SSE_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
SSE = ROLE + word("a") + word("b") + FINISH + USAGE + DONE
BROKEN: tuple[FailureKind, int] = "provider", 502
LATE: tuple[FailureKind, int] = "timeout", 504

Key = Literal["well", "failed", "rests"]
"""What is held against the provider's key: nothing; one failure of the five that open its breaker; it rests."""


@dataclass(frozen=True, slots=True)
class Gives:
    """What a client is told; without a kind it gets the answer. `cut`: a stream had begun, the error is its end."""

    kind: FailureKind | None = None
    status: int = 200
    cut: bool = False

    @property
    def words(self) -> str:
        """For the table."""
        if self.kind is None:
            return "the answer"
        return f"what came, then the error `{self.kind}`" if self.cut else f"{self.status} `{self.kind}`"


WELL = Gives()
CUT = Gives("provider", cut=True)
CUT_LATE = Gives("timeout", cut=True)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a provider does when it is asked for a whole answer, and for a stream; and what each gives."""

    whole: Script
    stream: Script
    gives: Gives
    streams: Gives
    key: Key = "failed"
    elsewhere: bool = True
    """Whether another provider is asked, as long as nothing of a stream has been sent."""
    rests_s: float | None = None


def both(script: Script, kind: FailureKind, status: int, **more: object) -> Fault:
    """The same for both, before anything of an answer came."""
    gives = Gives(kind, status)
    return Fault(script, script, gives, gives, **more)  # type: ignore[arg-type]  # the fields' own types


KNOWN: dict[str, Fault] = {
    "closes without an answer": both((Then.CLOSE,), *BROKEN),
    "resets without an answer": both((Then.RESET,), *BROKEN),
    "says nothing": both((Then.HANG,), *LATE),
    "stops in the head": both((b"HTTP/1.1 200 OK\r\ncontent-ty", Then.HANG), *LATE),
    "stops after the head": Fault(
        (HEAD + b"content-length: 100\r\n\r\n", Then.HANG), (STREAM, Then.HANG), Gives(*LATE), Gives(*LATE)
    ),
    "stops half way": Fault(
        (HEAD + b"content-length: %d\r\n\r\n%b" % (len(ANSWER), HALF), Then.HANG),
        (*BEGUN, Then.HANG),
        Gives(*LATE),
        CUT_LATE,
    ),
    "closes half way": Fault(
        (HEAD + b"content-length: %d\r\n\r\n%b" % (len(ANSWER), HALF), Then.CLOSE),
        (*BEGUN, Then.CLOSE),
        Gives(*BROKEN),
        CUT,
    ),
    "resets half way": Fault(
        (HEAD + b"content-length: %d\r\n\r\n%b" % (len(ANSWER), HALF), Then.RESET),
        (*BEGUN, Then.RESET),
        Gives(*BROKEN),
        CUT,
    ),
    "closes amid a chunk": Fault(
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", chunk(ANSWER)[:-20], Then.CLOSE),
        (*BEGUN, chunk(word("c"))[:-20], Then.CLOSE),
        Gives(*BROKEN),
        CUT,
    ),
    "leaves the last chunk out": Fault(
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", chunk(ANSWER), Then.CLOSE),
        (*BEGUN, Then.CLOSE),
        Gives(*BROKEN),
        CUT,
    ),
    "a chunk whose size is no number": Fault(
        (HEAD + b"transfer-encoding: chunked\r\n\r\nxyz\r\n" + ANSWER, Then.HANG),
        (*BEGUN, b"xyz\r\nabc\r\n", Then.HANG),
        Gives(*BROKEN),
        CUT,
    ),
    "a chunk whose size overflows": Fault(
        (HEAD + b"transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + ANSWER, Then.HANG),
        (*BEGUN, b"fffffffffffffffff\r\nabc\r\n", Then.HANG),
        Gives(*BROKEN),
        CUT,
    ),
    "an extension of a chunk with a control": Fault(
        (HEAD + b"transfer-encoding: chunked\r\n\r\n5;a\x00b\r\nhello\r\n0\r\n\r\n", Then.HANG),
        (*BEGUN, b"5;a\x00b\r\nhello\r\n", Then.HANG),
        Gives(*BROKEN),
        CUT,
    ),
    "an extension of a chunk without an end": Fault(
        (HEAD + b"transfer-encoding: chunked\r\n\r\n5;" + LONG, LONG, Then.FOR_EVER),
        (*BEGUN, b"5;" + LONG, LONG, Then.FOR_EVER),
        Gives(*BROKEN),
        CUT,
    ),
    "extensions of chunks": Fault(
        (HEAD + b"transfer-encoding: chunked\r\n\r\n%x;a=b\r\n%b\r\n0;c\r\n\r\n" % (len(ANSWER), ANSWER),),
        (SSE_HEAD + b"transfer-encoding: chunked\r\n\r\n%x;a=b\r\n%b\r\n0;c\r\n\r\n" % (len(SSE), SSE),),
        WELL,
        WELL,
        key="well",
    ),
    "trailers": Fault(
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", chunk(ANSWER), b"0\r\ncontent-type: evil/type\r\nx: y\r\n\r\n"),
        (STREAM, chunk(SSE), b"0\r\ncontent-type: evil/type\r\nx: y\r\n\r\n"),
        WELL,
        WELL,
        key="well",
    ),
    "a trailer without an end": Fault(
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", chunk(ANSWER), b"0\r\nx: ", LONG, Then.FOR_EVER),
        (STREAM, chunk(SSE), b"0\r\nx: ", LONG, Then.FOR_EVER),
        Gives(*BROKEN),
        CUT,
    ),
    "early hints before the answer": Fault(
        (b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n", whole()),
        (b"HTTP/1.1 100 Continue\r\n\r\n", STREAM, chunk(SSE), LAST),
        WELL,
        WELL,
        key="well",
    ),
    "early hints for ever": both((b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" * 2000, Then.FOR_EVER), *BROKEN),
    "switches to another protocol": both(
        (b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", Then.HANG), *BROKEN
    ),
    "what is not HTTP": both((b"SSH-2.0-OpenSSH_9.2\r\n", Then.HANG), *BROKEN),
    "two lengths": both((HEAD + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello!", Then.HANG), *BROKEN),
    "a length and chunks": both(
        (HEAD + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", Then.HANG), *BROKEN
    ),
    "a length that is too long, then closes": Fault(
        (HEAD + b"content-length: %d\r\n\r\n%b" % (len(ANSWER) + 10, ANSWER), Then.CLOSE),
        (SSE_HEAD + b"content-length: %d\r\n\r\n%b" % (len(SSE) + 10, SSE), Then.CLOSE),
        Gives(*BROKEN),
        CUT,
    ),
    "a length that is too short": Fault(
        (HEAD + b"content-length: %d\r\n\r\n%b" % (len(HALF), ANSWER),),
        (SSE_HEAD + b"content-length: %d\r\n\r\n%b" % (len(SSE), SSE + word("c")),),
        Gives(*BROKEN),
        WELL,
    ),
    "two answers for one request": Fault(
        (whole() + whole(b'{"evil":true}'),), (STREAM, chunk(SSE), LAST + whole()), WELL, WELL, key="well"
    ),
    "an answer that ends with its connection": Fault(
        (HEAD + b"\r\n" + ANSWER, Then.CLOSE), (SSE_HEAD + b"\r\n" + SSE, Then.CLOSE), WELL, WELL, key="well"
    ),
    "a head without an end": both((HEAD, b"x: y\r\n" * 10_000, Then.FOR_EVER), *BROKEN),
    "a header without an end": both((HEAD + b"x: ", LONG, Then.FOR_EVER), *BROKEN),
    "a reason without an end": both((b"HTTP/1.1 200 ", LONG, Then.FOR_EVER), *BROKEN),
    "a head of 1 MB": both((HEAD + b"x: " + LONG * 16 + b"\r\n", whole()), *BROKEN),
    "half a JSON": Fault(
        (whole(HALF),),
        (STREAM, chunk(b'data: {"id":"c-1","choi\n\n'), LAST),
        Gives(*BROKEN),
        Gives(*BROKEN),
    ),
    "invalid JSON": Fault(
        (whole(b"<html>we are down</html>"),), (STREAM, chunk(b"data: oops\n\n"), LAST), Gives(*BROKEN), Gives(*BROKEN)
    ),
    "JSON that is no answer": Fault(
        (whole(b'["hello"]'),), (STREAM, chunk(b"data: 5\n\n"), LAST), Gives(*BROKEN), Gives(*BROKEN)
    ),
    "nothing at all, with status 200": Fault(
        (whole(b""),), (SSE_HEAD + b"content-length: 0\r\n\r\n",), Gives(*BROKEN), Gives(*BROKEN)
    ),
    "an error with status 200": Fault(
        (whole(b'{"error":{"message":"so it is","code":503}}'),),
        (STREAM, chunk(b'data: {"error":{"message":"so it is","code":503}}\n\n'), LAST),
        Gives("overloaded", 503),
        Gives("overloaded", 503),
    ),
    "a whole answer instead of a stream": Fault((whole(),), (whole(),), WELL, Gives(*BROKEN)),
    "a body in gzip, which nobody asked for": Fault(
        (whole(gzip.compress(ANSWER), HEAD + b"content-encoding: gzip\r\n"),),
        (whole(gzip.compress(SSE), SSE_HEAD + b"content-encoding: gzip\r\n"),),
        Gives(*BROKEN),
        Gives(*BROKEN),
    ),
    "an error amid the stream": Fault(
        (error(b"500 Oops"),),
        (*BEGUN, chunk(b'data: {"error":{"message":"so it is","type":"server_error","code":null}}\n\n'), LAST),
        Gives("provider", 500),
        Gives("provider", cut=True),
    ),
    "429 without Retry-After": both((error(b"429 Too Many Requests"),), "rate limited", 429, key="rests", rests_s=20.0),
    "429 with Retry-After in seconds": both(
        (error(b"429 Too Many Requests", b"retry-after: 7"),), "rate limited", 429, key="rests", rests_s=7.0
    ),
    "429 with Retry-After as a date": both(
        (
            error(
                b"429 Too Many Requests",
                b"date: Tue, 03 Jun 2025 10:00:00 GMT",
                b"retry-after: Tue, 03 Jun 2025 10:00:09 GMT",
            ),
        ),
        "rate limited",
        429,
        key="rests",
        rests_s=9.0,
    ),
    "429 with Retry-After of a thousand years": both(
        (error(b"429 Too Many Requests", b"retry-after: 31536000000"),),
        "rate limited",
        429,
        key="rests",
        rests_s=3600.0,
    ),
    "400": both((error(b"400 Bad Request"),), "invalid", 400, key="well", elsewhere=False),
    "401": both((error(b"401 Unauthorized"),), "provider", 502, key="rests", rests_s=20.0),
    "402": both((error(b"402 Payment Required"),), "rate limited", 402, key="rests", rests_s=20.0),
    "404": both((error(b"404 Not Found"),), "unknown", 404, key="well", elsewhere=False),
    "500": both((error(b"500 Internal Server Error"),), "provider", 500),
    "502 with a page": both((whole(b"<html>oops</html>", b"HTTP/1.1 502 Bad Gateway\r\n"),), "provider", 502),
    "503": both((error(b"503 Service Unavailable"),), "overloaded", 503),
    "a redirect": both((error(b"302 Found", b"location: http://elsewhere/"),), *BROKEN),
    "a status that there is not": both((error(b"799 Odd"),), *BROKEN),
    "204, without an answer": both((b"HTTP/1.1 204 No Content\r\n\r\n",), *BROKEN),
}


def table() -> str:
    """All of them, as the page has it."""
    lines = ["| the provider | whole call | stream | somebody else is asked | its key |", "|---|---|---|---|---|"]
    for name, fault in KNOWN.items():
        if fault.gives.kind is None and fault.streams.kind is None:
            elsewhere = "-"
        else:
            elsewhere = "no" if not fault.elsewhere else "not any more" if fault.streams.cut else "yes"
            elsewhere = f"whole: yes; stream: {elsewhere}" if fault.streams.cut else elsewhere
        lines.append(f"| {name} | {fault.gives.words} | {fault.streams.words} | {elsewhere} | {_key(fault)} |")
    return "\n".join(lines) + "\n"


def _key(fault: Fault) -> str:
    if fault.key == "rests":
        return f"rests for {fault.rests_s:g} s"
    return "one failure" if fault.key == "failed" else "well"
