"""Just enough of PostgreSQL's protocol to ask a server on this machine a question, where no client is installed.

Protocol 3.0 (https://www.postgresql.org/docs/current/protocol.html) without TLS, and SCRAM-SHA-256 (RFC 5802, RFC 7677)
as the only way in: a server that asks for the password itself does not get it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fairlead.engine.secrets.value import Secret
from fairlead.errors import RuntimeFailure

ANSWER_S = 5.0

_VERSION = 196608  # 3.0
_SASL, _CONTINUE, _FINAL, _OK = 10, 11, 12, 0
_UNKNOWN = {"28P01", "28000", "3D000"}
"""Codes of a wrong password, a role that may not log in and a database that does not exist."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks, at which port of this machine."""

    port: int
    role: str
    database: str
    password: Secret


class Refused(RuntimeFailure):
    """The server said no; `code` is its SQLSTATE."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code

    @property
    def unknown(self) -> bool:
        """Whether it knows the role, its password or the database not, or not yet."""
        return self.code in _UNKNOWN


async def ask(login: Login, sql: str) -> list[list[str | None]]:
    """The rows of one statement. Raises `Refused`, also when nobody answers."""
    try:
        async with asyncio.timeout(ANSWER_S), _opened(login) as talk:
            await talk.send(b"Q", sql.encode() + b"\0")
            return await talk.rows()
    except TimeoutError:
        raise Refused(f"no answer within {ANSWER_S:g} s") from None
    except asyncio.IncompleteReadError:
        raise Refused("closed the connection") from None
    except OSError as error:
        raise Refused(os.strerror(error.errno).lower() if error.errno else str(error)) from None


@asynccontextmanager
async def _opened(login: Login) -> AsyncIterator[_Talk]:
    reader, writer = await asyncio.open_connection("127.0.0.1", login.port)
    talk = _Talk(reader, writer)
    try:
        await talk.begin(login)
        yield talk
    finally:
        writer.close()


class _Talk:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def begin(self, login: Login) -> None:
        words = ("user", login.role, "database", login.database, "application_name", "fairlead")
        start = struct.pack("!i", _VERSION) + b"".join(word.encode() + b"\0" for word in words) + b"\0"
        await self.send(b"", start)
        await self._prove(login.password)
        while (await self._next())[0] != b"Z":
            pass

    async def send(self, kind: bytes, content: bytes) -> None:
        self._writer.write(kind + struct.pack("!i", len(content) + 4) + content)
        await self._writer.drain()

    async def rows(self) -> list[list[str | None]]:
        """Everything until the server is ready again."""
        found = []
        while True:
            kind, content = await self._next()
            if kind == b"D":
                found.append(_row(content))
            if kind == b"Z":
                return found

    async def _prove(self, password: Secret) -> None:
        scram = _Scram(password)
        await self._authentication(_SASL)
        first = scram.first
        await self.send(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first)
        await self.send(b"p", scram.answer(await self._authentication(_CONTINUE)))
        scram.check(await self._authentication(_FINAL))
        await self._authentication(_OK)

    async def _authentication(self, wanted: int) -> bytes:
        kind, content = await self._next()
        if kind != b"R" or struct.unpack("!i", content[:4])[0] != wanted:
            raise Refused("asks for no password, or not by SCRAM: another server may be on this port")
        return content[4:]

    async def _next(self) -> tuple[bytes, bytes]:
        head = await self._reader.readexactly(5)
        content = await self._reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
        if head[:1] == b"E":
            raise _refused(content)
        return head[:1], content


class _Scram:
    """The client's side of SCRAM-SHA-256."""

    def __init__(self, password: Secret) -> None:
        self._password = password
        self._bare = b"n=,r=" + base64.b64encode(secrets.token_bytes(18))
        self._signature = b""

    @property
    def first(self) -> bytes:
        return b"n,," + self._bare

    def answer(self, challenge: bytes) -> bytes:
        """The proof for what the server sent (RFC 5802, section 3)."""
        parts = dict(part.split(b"=", 1) for part in challenge.split(b","))
        if not parts[b"r"].startswith(self._bare.removeprefix(b"n=,r=")):
            raise Refused("answered to somebody else: another server may be on this port")
        rounds, salt = int(parts[b"i"]), base64.b64decode(parts[b"s"])
        salted = hashlib.pbkdf2_hmac("sha256", self._password.reveal().encode(), salt, rounds)
        key = hmac.digest(salted, b"Client Key", "sha256")
        final = b"c=biws,r=" + parts[b"r"]
        whole = self._bare + b"," + challenge + b"," + final
        signature = hmac.digest(hashlib.sha256(key).digest(), whole, "sha256")
        self._signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), whole, "sha256")
        proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        return final + b",p=" + base64.b64encode(proof)

    def check(self, final: bytes) -> None:
        """Whether the server knows the password too."""
        if not hmac.compare_digest(final.partition(b"v=")[2], base64.b64encode(self._signature)):
            raise Refused("does not know the password itself: another server may be on this port")


def _row(content: bytes) -> list[str | None]:
    found: list[str | None] = []
    place = 2
    for _ in range(struct.unpack("!h", content[:2])[0]):
        size = struct.unpack("!i", content[place : place + 4])[0]
        place += 4
        found.append(content[place : place + size].decode() if size >= 0 else None)
        place += max(size, 0)
    return found


def _refused(content: bytes) -> Refused:
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in content.split(b"\0") if part}
    return Refused(fields.get(b"M", "refused")[:300], fields.get(b"C", ""))
