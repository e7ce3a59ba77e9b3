"""The key to the API over TCP: a random token in a file that only its owner can read."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from fairlead.kit.files import write_atomically


def guarded(app: ASGIApp, path: Path) -> ASGIApp:
    """The same application for those who send `Authorization: Bearer TOKEN`; 401 for everybody else."""
    if not path.exists():
        write_atomically(path, secrets.token_urlsafe(32))
    expected = f"Bearer {path.read_text().strip()}".encode()

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope.get("headers", [])).get(b"authorization", b"")
        if scope["type"] == "http" and not hmac.compare_digest(given, expected):
            await send({"type": "http.response.start", "status": 401, "headers": [(b"www-authenticate", b"Bearer")]})
            await send({"type": "http.response.body", "body": b'{"level": "error", "text": "a token is needed"}\n'})
            return
        await app(scope, receive, send)

    return guard
