"""A provider that is built in: it repeats what it is told, over real HTTP on this machine, without a key or a network.

It speaks every protocol that the hub speaks, by the same shapes, streams, counts tokens, uses tools, fits schemas, and
can be told to be slow or to fail: by its model's name, `echo/echo?delay=200ms&tokens=50`, or by the header `x-echo`
with the same words (which go before those of the name; an unknown word is an error):

| word           | what it does                                                                                    |
|----------------|-------------------------------------------------------------------------------------------------|
| delay=1s       | waits before the head of its answer                                                             |
| first_token=1s | waits before its first token; a stream's head is sent by then                                   |
| between=10ms   | waits between two tokens                                                                        |
| tokens=50      | answers that many tokens, its words over and over                                               |
| fail=429       | answers with that status, in the protocol's form                                                |
| retry_after=2  | says so when it fails (seconds)                                                                 |
| after=3        | of a stream: fails, cuts or hangs after so many tokens; without `fail` and `cut` it hangs       |
| every=3        | fails, cuts or garbles every third request only                                                 |
| cut=half       | ends the connection in the middle: of a whole answer, of an event of a stream                   |
| cut=start      | ends the connection before its answer                                                           |
| garbled=yes    | answers what is no JSON                                                                         |
| cached=yes     | reports tokens as cached when it was told the same before                                       |
| think=yes      | thinks aloud, asked to or not                                                                   |
| tool=yes       | uses the first tool, asked to or not, unless it just got a result                               |

`python -m fairlead.apps.hub.providers.echo --port 9000` runs it alone, for tests and benchmarks; `/counts` tells what
it served. Tokens are counted by a simple rule (`tokens`), the same on all machines.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from fairlead.apps.hub.calls import Operation
from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.providers.echo.server import Server
from fairlead.apps.hub.providers.kinds import Hosted

CHATS = ("openai_chat", "openai_responses", "anthropic", "gemini", "cohere")
OTHERS: tuple[Operation, ...] = (
    "embedding",
    "image",
    "speech",
    "transcription",
    "moderation",
    "models",
    "files",
    "batches",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo(Hosted):
    """The provider; in each event loop there is one server, for all who started it there."""

    running: dict[asyncio.AbstractEventLoop, list[Server]] = field(default_factory=dict, repr=False)
    """The server, once for each that started it."""

    async def start(self) -> str | None:
        """Its address on this machine."""
        users = self.running.setdefault(asyncio.get_running_loop(), [])
        users.append(users[0] if users else await Server.started())
        return users[0].address

    async def stop(self) -> None:
        """The last one ends it."""
        loop = asyncio.get_running_loop()
        server = self.running[loop].pop()
        if not self.running[loop]:
            del self.running[loop]
            await server.stop()


PROVIDERS.register("echo")(
    Echo(
        name="echo",
        url="http://127.0.0.1:9000",
        variable=None,
        shape="openai_chat",
        speaks={
            "chat": CHATS,
            "count": ("anthropic", "gemini"),
            "completion": ("openai_completions",),
            "rerank": ("cohere_rerank", "jina_rerank"),
            **dict.fromkeys(OTHERS, ("openai_plain",)),
            "embedding": ("openai_plain", "cohere_embed"),
        },
        passes=frozenset({b"x-echo"}),
    )
)
