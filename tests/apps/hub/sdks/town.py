"""A hub with every kind of provider behind it, in a thread of its own, for clients that wait for their answers.

Each provider but the echo is a strict stand-in. A model is called as its provider is: `openai`, `anthropic`, …
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from tests.apps.hub.standins.anthropic import Anthropic
from tests.apps.hub.standins.azure import Azure
from tests.apps.hub.standins.bedrock import Bedrock
from tests.apps.hub.standins.cohere import Cohere
from tests.apps.hub.standins.gemini import Gemini
from tests.apps.hub.standins.mistral import Mistral
from tests.apps.hub.standins.openai import OpenAI
from tests.apps.hub.standins.serving import serving
from tests.apps.hub.standins.strict import Refused, Standin
from tests.apps.hub.standins.vertex import Vertex
from tests.apps.hub.standins.vllm import VLLM

from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.main import JOINED
from fairlead.apps.hub.state import Hub

KEY = "fl-" + "town"
"""What clients ask the hub with."""


@dataclass(frozen=True)
class Kind:
    """A provider: what it is called in the table, who stands in for it, and what the hub is told of it."""

    title: str
    made: Callable[[], Standin] | None
    said: dict[str, Any]
    model: str
    secret: Callable[[Any], str] = lambda standin: standin.key


def _aws(standin: Bedrock) -> str:
    return f"{standin.id}:{standin.secret}"


REGION = {"region": "eu-west-1"}
VERTEX = {"project": "town", "region": "europe-west1"}
KINDS: dict[str, Kind] = {
    "echo": Kind("echo", None, {}, "echo"),
    "openai": Kind("OpenAI", OpenAI, {"kind": "openai"}, "gpt-town"),
    "azure": Kind("Azure", Azure, {"kind": "azure", "settings": {"resource": "town"}}, "gpt-town"),
    "anthropic": Kind("Anthropic", Anthropic, {"kind": "anthropic"}, "claude-town"),
    "bedrock": Kind("Bedrock", Bedrock, {"kind": "bedrock", "settings": REGION}, "nova-town", _aws),
    "bedrock-claude": Kind(
        "Claude on Bedrock", Bedrock, {"kind": "bedrock_anthropic", "settings": REGION}, "claude-town", _aws
    ),
    "gemini": Kind("Gemini", Gemini, {"kind": "gemini"}, "gemini-2.5-town"),
    "vertex": Kind("Vertex", Vertex, {"kind": "vertex", "settings": VERTEX}, "gemini-2.5-town"),
    "vertex-claude": Kind("Claude on Vertex", Vertex, {"kind": "vertex_anthropic", "settings": VERTEX}, "claude-town"),
    "cohere": Kind("Cohere", Cohere, {"kind": "cohere"}, "command-town"),
    "mistral": Kind("Mistral", Mistral, {"kind": "mistral"}, "mistral-town"),
    "vllm": Kind("vLLM", VLLM, {"kind": "vllm"}, "qwen-town"),
}
"""By the name that the hub's models have too."""


class Town:
    """The hub's address and whoever stands behind it."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self.standins = {name: kind.made() for name, kind in KINDS.items() if kind.made is not None}
        self._folder = folder
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._listens = threading.Event()
        self._thread = threading.Thread(target=self._run, name="town")

    def begin(self) -> None:
        """Until everybody listens."""
        self._thread.start()
        self._listens.wait(30)
        assert self.url, "the hub did not begin to listen"

    def end(self) -> None:
        """Close all of it."""
        if self._loop is not None and self._ending is not None:
            self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(30)

    @contextlib.contextmanager
    def failing(self, name: str, status: int, message: str) -> Iterator[str]:
        """The model to ask for which its provider fails with this status."""
        standin = self.standins.get(name)
        if standin is None:
            yield f"echo-{status}"
            return
        standin.fails.append(Refused(message, status))
        yield f"{name}-{status}"
        standin.fails.clear()

    def refusals(self, name: str) -> list[str]:
        """What a stand-in would not take since this was asked before."""
        standin = self.standins.get(name)
        if standin is None:
            return []
        told = list(standin.refusals)
        standin.refusals.clear()
        return told

    def _run(self) -> None:
        try:
            uvloop.run(self._serve())
        finally:
            self._listens.set()

    async def _serve(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        async with contextlib.AsyncExitStack() as stack:
            urls = {
                name: (await stack.enter_async_context(serving(standin.app()))).url
                for name, standin in self.standins.items()
            }
            secrets = {_variable(name): KINDS[name].secret(standin) for name, standin in self.standins.items()}
            hub = Hub(Source(environ=secrets | {VARIABLE: json.dumps(_config(urls))}), self._folder)
            for join in JOINED:
                await join(hub)
            await hub.begin()
            server = await self._loop.create_server(hub.clients.connection, "127.0.0.1", 0)
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self._listens.set()
            await self._ending.wait()
            server.close()
            hub.clients.abort()
            await hub.end()


def _variable(name: str) -> str:
    return f"KEY_OF_{name.replace('-', '_').upper()}"


FAILING = (400, 404, 429)
"""Each is asked of a provider of its own, since a key that was told to wait rests for a while."""


def _config(urls: dict[str, str]) -> dict[str, Any]:
    """Every provider, its model, and those that fail; `poor` is a key that may ask but once."""
    providers: dict[str, Any] = {}
    models: dict[str, Any] = {}
    for name, kind in KINDS.items():
        said = kind.said | {"cool_down": "0s"}
        if name in urls:
            said |= {"url": urls[name], "keys": [{"env": _variable(name)}]}
        providers[name] = said
        models[name] = {"targets": [f"{name}/{kind.model}"], "retries": 0}
        for status in FAILING:
            model = f"echo?fail={status}" if name == "echo" else kind.model
            providers[f"{name}-{status}"] = said | {"kind": said.get("kind", name)}
            models[f"{name}-{status}"] = {"targets": [f"{name}-{status}/{model}"], "retries": 0}
    keys = {"town": {"sha256": hashlib.sha256(KEY.encode()).hexdigest()}}
    return {"providers": providers, "models": models, "keys": keys, "cache": "off", "access_log": False}
