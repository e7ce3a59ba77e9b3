"""HTTP/1.1 as a strict client speaks it: nothing is tried again, and every way to fail has a name of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

GET = "GET {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: fairlead-bench\r\nconnection: {connection}\r\n\r\n"
POST = (
    GET.replace("GET", "POST", 1).removesuffix("\r\n")
    + "content-type: application/json\r\ncontent-length: {size}\r\n\r\n"
)


class NoAnswerError(Exception):
    """No byte of an answer came: the connection was refused, reset or closed."""


class CutShortError(Exception):
    """The connection ended in the middle of an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def version(self) -> str:
        """The version that answered, as it says itself: in a header, or as the first word of a body that is text."""
        said = self.headers.get("x-version")
        return said or ("" if self.body[:1] == b"{" else (self.body[:40].decode("latin-1").split() or [""])[0])


class Connection:
    """One connection; `reusable` tells whether another request may be sent on it."""

    def __init__(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host = host
        self._reader = reader
        self._writer = writer
        self._keep = True

    @classmethod
    async def open(cls, host: str, port: int) -> Connection:
        """Connect. Raises `NoAnswerError`."""
        try:
            return cls(f"{host}:{port}", *await asyncio.open_connection(host, port))
        except OSError as error:
            raise NoAnswerError(str(error)) from error

    @property
    def reusable(self) -> bool:
        """A server may close an idle connection: who sees that in time opens another one, and nothing has failed."""
        return self._keep and not self._reader.at_eof() and not self._writer.is_closing()

    async def get(self, path: str, *, keep: bool = True, sent: str = "") -> Answer:
        """One request, a POST where JSON is sent, and its whole answer. Raises `NoAnswerError` or `CutShortError`."""
        self._keep = keep
        status, headers = await self._head(path, sent.encode())
        try:
            body = await self._body(headers)
        except (asyncio.IncompleteReadError, OSError, ValueError) as error:
            raise CutShortError(str(error) or type(error).__name__) from error
        self._keep = keep and headers.get("connection", "").lower() != "close"
        return Answer(status, headers, body)

    def close(self) -> None:
        """End the connection."""
        self._writer.close()

    async def _head(self, path: str, sent: bytes) -> tuple[int, dict[str, str]]:
        form, connection = POST if sent else GET, "keep-alive" if self._keep else "close"
        request = form.format(path=path, host=self._host, connection=connection, size=len(sent))
        try:
            self._writer.write(request.encode() + sent)
            await self._writer.drain()
            first = await self._reader.readexactly(1)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise NoAnswerError(str(error) or type(error).__name__) from error
        try:
            head = first + await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, OSError) as error:
            raise CutShortError(str(error) or type(error).__name__) from error
        line, *lines = head.decode("latin-1").split("\r\n")
        named = (line.partition(":") for line in lines if line)
        return int(line.split()[1]), {name.lower(): value.strip() for name, _, value in named}

    async def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return b"".join([chunk async for chunk in self._chunks()])
        if "content-length" in headers:
            return await self._reader.readexactly(int(headers["content-length"]))
        self._keep = False
        return await self._reader.read()

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16):
            yield await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        await self._reader.readuntil(b"\r\n")
