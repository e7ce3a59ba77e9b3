"""A service that listens, and a client of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from fairlead.apps.guard.service.main import served
from fairlead.apps.guard.service.settings import Settings

RULES = ("issuers/github.toml", "issuers/aws.toml", "issuers/slack.toml")

GITHUB = "ghp_vlCHLGlamEw9amh0" + "SkdTHizb4NzLrF0GXZVI"
PASSWORD = "Tr0ub4dor" + "&3xK!q9"
KEY = "made-up-" + "api-key-of-tests"


class Make(Protocol):
    """Makes settings."""

    def __call__(
        self, api_key: str | None = None, store: str | None = None, redis: str | None = None, **config: object
    ) -> Settings: ...


@dataclass
class Town:
    """A service and who asks it."""

    url: str
    http: httpx.AsyncClient
    ending: asyncio.Event

    async def analyze(self, value: str, variable: str = "", context: str = "", **headers: str) -> Any:
        """The answer."""
        body = {"secret_value": value, "variable_name": variable, "context": context}
        answer = await self.http.post("/analyze", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """The answer, which has this status."""
        answer = await self.http.post(path, json=body if body is not None else {}, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str, **headers: str) -> Any:
        """The answer."""
        answer = await self.http.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextlib.asynccontextmanager
async def town(settings: Settings, *, access_log: bool = False) -> AsyncIterator[Town]:
    """One that has begun; it has ended when the block is over."""
    ending = asyncio.Event()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        served(
            settings,
            access_log=access_log,
            ending=ending,
            told=lambda host, port: address.set_result(f"http://{host}:{port}"),
        )
    )
    await asyncio.wait((serving, address), return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    url = address.result()
    headers = {"X-API-KEY": settings.api_key} if settings.api_key else {}
    try:
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=20) as http:
            yield Town(url, http, ending)
    finally:
        ending.set()
        await serving


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """It does."""
    async with asyncio.timeout(15):
        while not await holds():  # noqa: ASYNC110 - what it waits for tells nobody
            await asyncio.sleep(0.02)
