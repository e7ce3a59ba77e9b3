"""Keys that a hub does not know: looked for in the store once, together, and not again and again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.apps.hub.watching.hubs import running
from tests.apps.hub.wire.sockets import until

from fairlead.apps.hub.accounts import office
from fairlead.apps.hub.accounts.issuing import issue, revoke
from fairlead.apps.hub.accounts.keys import PREFIX
from fairlead.apps.hub.accounts.stores import StoreAway
from fairlead.apps.hub.accounts.strangers import MOST_WAITING, REMEMBERED_S, Strangers
from fairlead.apps.hub.pages.joining import paged

SAID = {"models": {"quick": "echo/echo"}, "access_log": False}


class Town:
    """A store that is looked at when the test lets it, at a time of the test."""

    def __init__(self) -> None:
        self.time = 0.0
        self.looks = 0
        self.may = asyncio.Event()
        self.away = False
        self.served: list[bytes] = []
        self.strangers = Strangers(self.look, lambda: self.time)

    async def look(self) -> None:
        """Once."""
        self.looks += 1
        await self.may.wait()
        if self.away:
            raise StoreAway("gone")

    def asks(self, name: str) -> bool:
        """A request with a key; whether it waits."""
        secret = f"{PREFIX}{name}".encode()
        return self.strangers.wait(secret, lambda: self.served.append(secret))

    async def is_served(self, count: int) -> None:
        """So many have been, in all."""
        self.may.set()
        async with asyncio.timeout(20):
            while len(self.served) < count:
                self.time += 0.01
                await asyncio.sleep(0)


async def test_a_new_key_works_at_once_on_a_hub_that_has_not_heard_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the protocols and on lists of models; what is nobody's key is refused as ever, and so is a revoked one."""
    monkeypatch.setattr(office, "LOOK_S", 3600.0)
    async with running(tmp_path, SAID, ()) as one, running(tmp_path, SAID, (paged,)) as other:
        for path in ("/v1/models", "/v1beta/models"):
            made = await issue(one.hub.office.store, f"bob{len(path)}", {})
            said = {"authorization": f"Bearer {made.secret}"}
            assert (await other.front.get(path, headers=said)).status_code == 200
        assert (await other.asks(headers=said)).status_code == 200
        unknown = await other.asks(headers={"authorization": f"Bearer {PREFIX}nobody"})
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (401, "invalid_api_key")

        await revoke(one.hub.office.store, f"bob{len(path)}")
        await other.hub.office.look()
        assert (await other.asks(headers=said)).status_code == 401


async def test_one_look_serves_all_who_wait_and_who_comes_meanwhile_has_another() -> None:
    """A key may be newer than the look that is under way."""
    here = Town()
    assert all(here.asks(f"a{number}") for number in range(50))
    await until(lambda: here.looks == 1)
    assert here.asks("late")
    await here.is_served(51)

    assert here.looks == 2
    assert here.served[-1].endswith(b"late")


async def test_what_was_not_there_is_not_looked_for_again_for_a_while() -> None:
    """However often it is tried."""
    here = Town()
    assert here.asks("a")
    await here.is_served(1)
    assert not any(here.asks("a") for _ in range(10))
    here.time += REMEMBERED_S
    assert here.asks("a")
    await here.is_served(2)

    assert here.looks == 2


async def test_a_store_that_is_away_is_left_alone_for_a_while() -> None:
    """Nobody waits for it."""
    here = Town()
    here.away = True
    assert here.asks("a")
    await here.is_served(1)
    assert not any(here.asks(f"b{number}") for number in range(10))
    here.away = False
    here.time += REMEMBERED_S
    assert here.asks("b")
    await here.is_served(2)


async def test_no_more_wait_than_are_bounded_and_none_with_what_is_no_key() -> None:
    """The rest is refused at once."""
    here = Town()
    assert not here.strangers.wait(b"", lambda: None)
    assert not here.strangers.wait(b"sk-other", lambda: None)
    assert not here.asks("a" * 1000)
    assert sum(here.asks(f"a{number}") for number in range(MOST_WAITING + 100)) == MOST_WAITING
    await here.strangers.end()
