"""A daemon for the tests: a real HTTP server on a real unix socket that answers as told and runs nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = Mapping[str, Any]


@dataclass
class Pause:
    """In the place of an event: the daemon says nothing until the test lets it, or the client goes away."""

    over: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Asked:
    """What a client asked."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    body: Any


@dataclass
class FakeDaemon:
    """Answers by path; keeps what it was asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, path: str, answer: Json, status: int = 200) -> None:
        """Answer with JSON."""
        self.answers[path] = (status, answer)

    def stream(self, path: str, lines: Iterable[Json | Pause]) -> None:
        """Answer with an object a line."""
        self.answers[path] = list(lines)

    @property
    def last(self) -> Asked:
        """The latest question."""
        return self.asked[-1]


def event(level: str, text: str = "", subject: str = "notes", **data: Any) -> dict[str, Any]:
    """One event of an operation."""
    return {"at": 1_700_000_000.0, "level": level, "subject": subject, "text": text, "data": data}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        url = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(content) if content else None
        self.server.daemon.asked.append(Asked(self.command, url.path, parse_qs(url.query), body))
        found = self.server.daemon.answers.get(url.path, (404, {"text": f"no answer for {url.path}"}))
        with suppress(BrokenPipeError, ConnectionResetError):
            self._stream(found) if isinstance(found, list) else self._whole(*found)

    def _whole(self, status: int, answer: Json) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, lines: Iterable[Json | Pause]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in lines:
            if isinstance(line, Pause):
                line.over.wait(30)
            else:
                content = json.dumps(line).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        self.wfile.write(b"0\r\n\r\n")

    def address_string(self) -> str:
        return "unix"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has in the standard library
        pass


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, socket: Path, daemon: FakeDaemon) -> None:
        super().__init__(str(socket), _Handler)
        self.daemon = daemon


@contextmanager
def listening(socket: Path) -> Iterator[FakeDaemon]:
    """A daemon that listens on that socket until the block ends."""
    daemon = FakeDaemon()
    with _Server(socket, daemon) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield daemon
        finally:
            server.shutdown()
            thread.join()
