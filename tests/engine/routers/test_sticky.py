"""Clients stay with their version while nothing but shares changes, and what they are told by is written nowhere."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import aiohttp

from fairlead.engine.router import Backend, Endpoint, Entrance, Routing, Sticky, Tls, Upstream
from fairlead.engine.routers.program import INSTANCE
from fairlead.engine.routers.sticky import DRAW, chosen, draw, unit
from fairlead.engine.routers.weights import WHOLE, weights

from .conftest import EnvoyTown, MemoryTown, Town, until
from .replicas import LOOPBACK
from .test_answers import heard
from .test_wire import certificate

BY_KEY = Sticky("header", "x-api-key", "pepper", otherwise=("authorization",))
BY_COOKIE = Sticky("cookie", "town", "pepper")


def split(share: float) -> Upstream:
    """Two versions, named so that the one that rises comes last by its name."""
    v1, v2 = Endpoint("one", LOOPBACK, 1), Endpoint("two", LOOPBACK, 2)
    return Upstream("a", "http", "http", 3, (Backend("v2", share, (v2,)), Backend("v1", 100 - share, (v1,))))


def on(version: str, share: float, clients: Iterable[str]) -> set[str]:
    shares = weights(split(share))
    return {client for client in clients if chosen(shares, draw(unit("salt", client))) == version}


# the draw


def test_the_parts_of_all_versions_are_exactly_the_whole() -> None:
    """A number beyond would start again with the first version."""
    for share in (0.01, 1 / 3, 5, 33.3, 99.99):
        assert sum(weights(split(share)).values()) == WHOLE


def test_clients_spread_evenly_over_the_numbers() -> None:
    """Chi-square over 100 equal parts of 10,000 keys: 99 degrees of freedom, 148.2 at the 0.1 % level."""
    counts = Counter(draw(unit("salt", f"key-{number}")) * 100 // WHOLE for number in range(10_000))
    assert sum((counts[part] - 100) ** 2 / 100 for part in range(100)) < 148.2


def test_another_salt_is_another_draw() -> None:
    """Whoever had a bad release is not the first to get the next one too."""
    clients = [f"key-{number}" for number in range(2_000)]
    first = {client for client in clients if draw(unit("one", client)) < WHOLE // 10}
    again = {client for client in first if draw(unit("two", client)) < WHOLE // 10}
    assert len(again) < len(first) / 4


def test_a_rising_share_keeps_all_clients_that_it_has() -> None:
    """In either direction of names: only the bound between the two moves."""
    clients = [f"key-{number}" for number in range(5_000)]
    for version, shares in (("v2", (1, 5, 25, 50, 100)), ("v1", (99, 95, 75, 50, 0))):
        steps = [on(version, share, clients) for share in shares]
        assert all(before < after for before, after in pairwise(steps))


# with both routers


async def served(town: Town, v1: Endpoint, v2: Endpoint, share: float, sticky: Sticky = BY_KEY) -> None:
    await town.serve(replace(town.upstream(v1=(100 - share, (v1,)), v2=(share, (v2,))), sticky=sticky))


async def version_of(town: Town, client: str) -> str | None:
    if isinstance(town, MemoryTown):
        return town.memory.send("notes.http", client=client).version
    assert isinstance(town, EnvoyTown)
    return str((await town.ask("GET", town.local, headers={"x-api-key": client}))[1]["version"])


async def test_every_router_draws_the_same_for_a_client(town: Town) -> None:
    """And as `chosen` says: shares rise from 1 to 100 %, and nobody goes back."""
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    clients = [f"client-{number}" for number in range(120)]
    moved: set[str] = set()

    for share in (1, 5, 25, 50, 100):
        await served(town, v1, v2, share)
        now = {client for client in clients if await version_of(town, client) == "v2"}
        expected = {one for one in clients if draw(unit("pepper", one)) >= WHOLE - share * WHOLE // 100}
        assert moved <= now
        assert now == expected
        moved = now


# with Envoy


async def test_clients_stay_under_load_while_shares_rise_and_stickiness_comes_and_goes(envoy: EnvoyTown) -> None:
    """No request fails, and nobody who was on the new version is sent back."""
    v1, v2 = await envoy.endpoint("v1", "one"), await envoy.endpoint("v2", "two")
    plain = envoy.upstream(v1=(100, (v1,)), v2=(0, (v2,)))
    await envoy.serve(plain)
    statuses: Counter[int] = Counter()
    seen: dict[str, list[str]] = {f"client-{number}": [] for number in range(40)}

    async def ask() -> None:
        for client in (found := list(seen)) and (found * 1000):
            async with envoy.client.get(envoy.local, headers={"x-api-key": client}) as answer:
                statuses[answer.status] += 1
                seen[client].append((await answer.json())["version"])

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    for share in (1, 5, 25, 50, 75):
        await served(envoy, v1, v2, share)
        goal = statuses.total() + 200
        await until(lambda goal=goal: reached(statuses, goal))  # type: ignore[misc] # mypy can't infer such a lambda
    await envoy.serve(
        replace(plain, backends=(replace(plain.backends[0], share=0), replace(plain.backends[1], share=1)))
    )
    for one in asking:
        one.cancel()
    await asyncio.gather(*asking, return_exceptions=True)

    assert set(statuses) == {200}
    moves = {client: sum(before != after for before, after in pairwise(found)) for client, found in seen.items()}
    assert max(moves.values()) == 1


async def reached(statuses: Counter[int], goal: int) -> bool:
    return statuses.total() >= goal


async def test_a_key_is_hashed_and_written_nowhere(envoy: EnvoyTown) -> None:
    """Neither in the log nor anywhere in what Envoy was told; the hash is, and the service gets the key alone."""
    since = time.time()
    key, cookie = "sk-" + "made-up-for-a-test", "very-" + "own-value"
    v1, v2 = await envoy.endpoint("v1", "one"), await envoy.endpoint("v2", "two")
    await served(envoy, v1, v2, 50)
    _, first = await envoy.ask("GET", envoy.local, headers={"X-Api-Key": key, "authorization": "Bearer other"})
    _, second = await envoy.ask("GET", envoy.local, headers={"Authorization": key, DRAW: "0"})
    await served(envoy, v1, v2, 50, BY_COOKIE)
    _, third = await envoy.ask("GET", envoy.local, headers={"cookie": f"a=b; town={cookie}; c=d"})

    found = await heard(envoy.router, since, 3)
    assert [one.unit for one in found] == [unit("pepper", key), unit("pepper", key), unit("pepper", cookie)]
    assert first["version"] == second["version"] == found[0].version
    assert third["version"] == found[2].version
    assert first["headers"]["x-api-key"] == key
    assert not {DRAW} & {*first["headers"], *second["headers"], *third["headers"]}
    written = [line.text async for line in envoy.runtime.logs(INSTANCE)]
    written += [path.read_text() for path in (envoy.folder / "router").rglob("*.json")]
    assert not [text for text in written if key in text or cookie in text]


async def test_without_its_header_a_client_is_drawn_anew_each_time(envoy: EnvoyTown) -> None:
    """And has no unit; a number that it chose itself does not count, whatever it asks for."""
    since = time.time()
    v1, v2 = await envoy.endpoint("v1", "one"), await envoy.endpoint("v2", "two")
    await served(envoy, v1, v2, 50)

    got = Counter([(await envoy.ask("GET", envoy.local, headers={DRAW: "0"}))[1]["version"] for _ in range(40)])

    assert set(got) == {"v1", "v2"}
    assert {one.unit for one in await heard(envoy.router, since, 40)} == {None}


async def cookies_of(answer: aiohttp.ClientResponse) -> list[str]:
    return answer.headers.getall("set-cookie", [])


async def test_a_client_without_the_cookie_gets_one_and_counts_for_it_at_once(envoy: EnvoyTown) -> None:
    """Its first request, a failed one too, is of the same unit and version as all that follow."""
    since = time.time()
    v1, v2 = await envoy.endpoint("v1", "one"), await envoy.endpoint("v2", "two")
    await served(envoy, v1, v2, 50, BY_COOKIE)

    given = set()
    for _ in range(12):
        first, seen = await envoy.ask("GET", f"{envoy.local}/", headers={"x-request-id": "chosen"})
        (cookie,) = await cookies_of(first)
        name, *attributes = cookie.split("; ")
        assert attributes == ["Path=/", "HttpOnly", "SameSite=Lax"]
        assert "cookie" not in seen["headers"]
        again, same = await envoy.ask("GET", envoy.local, headers={"cookie": name})
        assert not await cookies_of(again)
        assert same["version"] == seen["version"]
        given.add(name)
    failed, _ = await envoy.ask("GET", f"{envoy.local}/status/500")

    assert len(given) == 12
    assert all(len(one) == len("town=") + 32 for one in given)
    assert len(await cookies_of(failed)) == 1
    units = Counter(one.unit for one in await heard(envoy.router, since, 25))
    assert sorted(units.values()) == [1] + [2] * 12


async def test_a_cookie_set_over_tls_is_for_tls_only(envoy: EnvoyTown, tmp_path: Any) -> None:
    """The entrance knows."""
    tls = Tls(*certificate(tmp_path / "tls", "a.example"))
    upstream = replace(envoy.upstream(v1=(1, (await envoy.endpoint("v1", "one"),))), sticky=BY_COOKIE)
    await envoy.serve(Routing((Entrance(LOOPBACK, envoy.public_port, tls),), (upstream,), (envoy.rule(),)))

    answer, _ = await envoy.ask("GET", f"https://{LOOPBACK}:{envoy.public_port}/", ssl=False)

    assert [cookie.endswith("; Secure") for cookie in await cookies_of(answer)] == [True]


async def test_websockets_are_sticky_too(envoy: EnvoyTown) -> None:
    """They count for the client's version like any request."""
    v1, v2 = await envoy.endpoint("v1", "one"), await envoy.endpoint("v2", "two")
    await served(envoy, v1, v2, 50)

    for number in range(10):
        key = {"x-api-key": f"client-{number}"}
        async with envoy.client.ws_connect(f"{envoy.local}/ws", headers=key) as socket:
            await socket.send_str("who")
            instance = (await socket.receive_str()).partition(":")[0]
        assert (await envoy.ask("GET", envoy.local, headers=key))[1]["instance"] == instance


async def test_marks_of_any_length_are_hashed_alike(envoy: EnvoyTown) -> None:
    """SHA-256 pads in several ways; what is over the bound counts by its end. An empty mark is none."""
    since = time.time()
    v1, v2 = await envoy.endpoint("v1", "one"), await envoy.endpoint("v2", "two")
    await served(envoy, v1, v2, 50)
    marks = [
        ("abcdefghijklmnopqrstuvwxyz" * 200)[:size] for size in (0, 1, 48, 49, 55, 56, 57, 64, 120, 1024, 1025, 5000)
    ]

    for mark in marks:
        await envoy.ask("GET", envoy.local, headers={"x-api-key": mark})

    found = [one.unit for one in await heard(envoy.router, since, len(marks))]
    assert found == [unit("pepper", mark) if mark else None for mark in marks]
