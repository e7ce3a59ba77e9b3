"""The key to the API over TCP."""

from __future__ import annotations

import stat
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from fairlead.daemon.token import guarded


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def asked(path: Path, header: str | None) -> int:
    app = guarded(Starlette(routes=[Route("/", hello)]), path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://daemon") as client:
        return (await client.get("/", headers={"authorization": header} if header else {})).status_code


async def test_whoever_has_the_token_is_let_in(tmp_path: Path) -> None:
    """The same token after a restart."""
    path = tmp_path / "token"
    assert await asked(path, None) == 401
    token = path.read_text()
    assert await asked(path, f"Bearer {token}") == 200
    assert path.read_text() == token


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer wrong", "Basic abc", ""])
async def test_everybody_else_is_refused(tmp_path: Path, header: str) -> None:
    """With nothing said of what is inside."""
    assert await asked(tmp_path / "token", header) == 401


async def test_only_its_owner_can_read_the_token(tmp_path: Path) -> None:
    """0600."""
    await asked(tmp_path / "token", None)
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
