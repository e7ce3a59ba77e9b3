"""Talks to a stack's daemon: HTTP over its unix socket, with nothing but the standard library, since every command
waits for this import. Errors come back as the classes they were raised as, found by their exit code.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from fairlead.daemon.paths import StatePaths
from fairlead.errors import (
    Conflict,
    DaemonUnreachable,
    FairleadError,
    MissingError,
    Problem,
    ReleaseError,
    RouterError,
    RuntimeFailure,
    StackError,
    StateError,
    UsageError,
)

ANSWER_WITHIN_S = 30.0
"""A plain call answers from memory; longer than this, and the daemon hangs."""

WORD_WITHIN_S = 60.0
"""An operation says something every 2 s; this leaves room for a machine that is very busy."""

CLASSES: dict[int, type[FairleadError]] = {
    kind.exit_code: kind
    for kind in (
        UsageError,
        MissingError,
        StateError,
        DaemonUnreachable,
        RuntimeFailure,
        RouterError,
        ReleaseError,
        Conflict,
    )
}

Query = Sequence[tuple[str, object]]
Event = dict[str, Any]


class Client:
    """One stack's daemon. Holds no connection: each call makes its own."""

    def __init__(self, paths: StatePaths) -> None:
        self.paths = paths

    def call(self, method: str, path: str, body: object = None, query: Query = ()) -> Any:
        """The JSON that the daemon answers. Raises what the daemon raised, or `DaemonUnreachable`."""
        with self._exchange(method, path, body, query, ANSWER_WITHIN_S) as response:
            return json.loads(response.read() or b"null")

    def events(self, method: str, path: str, body: object = None, query: Query = ()) -> Iterator[Event]:
        """The events of an operation, up to and with its `done`; an `error` event is raised."""
        for event in self._lines(method, path, body, query, WORD_WITHIN_S):
            if event.get("level") == "error":
                raise error_from(event)
            yield event
            if event.get("level") == "done":
                return
        raise DaemonUnreachable(
            "the daemon ended before it was done",
            hint="what it had begun is in its journal; `fairlead daemon start` goes on with it",
        )

    def lines(self, path: str, query: Query = ()) -> Iterator[dict[str, Any]]:
        """Objects, one a line, for as long as the daemon sends them; silence is no failure."""
        yield from self._lines("GET", path, None, query, None)

    def alive(self) -> bool:
        """Whether anything listens on the socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(ANSWER_WITHIN_S)
            try:
                probe.connect(os.fspath(self.paths.socket))
            except OSError:
                return False
        return True

    def _lines(
        self, method: str, path: str, body: object, query: Query, timeout_s: float | None
    ) -> Iterator[dict[str, Any]]:
        with self._exchange(method, path, body, query, timeout_s) as response:
            for line in response:
                if line.strip():
                    yield json.loads(line)

    @contextmanager
    def _exchange(
        self, method: str, path: str, body: object, query: Query, timeout_s: float | None
    ) -> Iterator[http.client.HTTPResponse]:
        connection = _UnixConnection(os.fspath(self.paths.socket), timeout_s)
        target = f"{path}?{urlencode(query)}" if query else path
        try:
            with _in_words():
                connection.request(method, target, *_content(body))
                response = connection.getresponse()
                if response.status >= 400:
                    raise error_from(_object(response.read()), status=response.status)
            yield _Guarded(response)  # type: ignore[misc]  # the same calls, with errors in words
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, timeout_s: float | None) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except PermissionError as error:
            raise DaemonUnreachable(
                f"{self._path}: belongs to somebody else", hint="run it as the user that started the daemon"
            ) from error
        except OSError as error:
            raise DaemonUnreachable("no daemon runs for this stack", hint="`fairlead up` starts it") from error


class _Guarded:
    """A response whose failures are told in words; only reading is guarded, never what the reader does in between."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response

    def read(self) -> bytes:
        with _in_words():
            return self._response.read()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            with _in_words():
                line = self._response.readline()
            if not line:
                return
            yield line


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise DaemonUnreachable(
            "the daemon does not answer",
            hint="`fairlead daemon log` shows what it does",
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise DaemonUnreachable("the daemon went away", hint="`fairlead daemon log` shows its last words") from error


def error_from(answer: Mapping[str, Any], *, status: int = 500) -> FairleadError:
    """The error that the daemon raised."""
    data = answer.get("data") or {}
    text = str(answer.get("text") or f"the daemon answered with status {status}")
    if data.get("problems"):
        return _hinted(StackError([_problem(found) for found in data["problems"]]), answer)
    code = int(data.get("code") or 1)
    error = CLASSES.get(code, FairleadError)(text)
    error.exit_code = code
    return _hinted(error, answer)


def _hinted(error: FairleadError, answer: Mapping[str, Any]) -> FairleadError:
    error.hint = answer.get("hint") or None
    return error


def _problem(found: Mapping[str, Any]) -> Problem:
    return Problem(
        str(found.get("file") or ""),
        int(found.get("line") or 0),
        str(found.get("path") or ""),
        str(found.get("message") or ""),
        found.get("hint") or None,
    )


def _content(body: object) -> tuple[bytes | None, dict[str, str]]:
    if body is None:
        return None, {}
    return json.dumps(body).encode(), {"Content-Type": "application/json"}


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
