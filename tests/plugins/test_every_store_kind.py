"""Promises of every kind of store: an external one is passed through and asked, and no password is shown."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from fairlead.engine import ports
from fairlead.engine.stores import STORES, StoreKind, external
from fairlead.engine.stores.elsewhere import Elsewhere
from fairlead.errors import BinaryMissing, MissingError
from fairlead.stack.model.store import Store

PASSWORD = "swordfish-" + "4711"


@pytest.fixture(params=STORES.names())
def kind(request: pytest.FixtureRequest) -> StoreKind:
    """Each kind."""
    return STORES.get(request.param)


def somewhere(kind: StoreKind, port: int) -> Store:
    """A store of this kind that somebody else runs on this machine."""
    url = f"{kind.name}://me:{PASSWORD}@127.0.0.1:{port}/path?key={PASSWORD}"
    return Store.model_validate({"kind": kind.name, "external": url})


def test_it_is_known_by_its_own_name(kind: StoreKind) -> None:
    assert STORES.get(kind.name) is kind


def test_it_is_stopped_by_a_signal_that_exists(kind: StoreKind) -> None:
    assert kind.stop_signal in signal.Signals.__members__


def test_it_is_found_or_says_how_to_get_it(kind: StoreKind) -> None:
    try:
        said: str | None = kind.find(None).version
    except MissingError as error:
        said = error.hint
    assert said


def test_a_version_nobody_has_is_an_error_and_never_another_version(kind: StoreKind) -> None:
    with pytest.raises(MissingError) as caught:
        kind.find("1999")
    assert caught.value.hint


def test_the_url_of_an_external_one_is_passed_through(kind: StoreKind, tmp_path: Path) -> None:
    store = somewhere(kind, 1)
    assert kind.url(store, tmp_path, 0) == store.external


def test_the_address_of_an_external_one_shows_no_password(kind: StoreKind, tmp_path: Path) -> None:
    assert kind.address(somewhere(kind, 1), tmp_path, 0) == f"{kind.name}://127.0.0.1:1/path"


async def test_an_external_one_that_accepts_connections_is_ready(kind: StoreKind, tmp_path: Path) -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await kind.ready(somewhere(kind, port), tmp_path, 0) is None


async def test_an_external_one_that_is_not_there_says_where_it_was_looked_for(kind: StoreKind, tmp_path: Path) -> None:
    port = ports.lease(())
    assert await kind.ready(somewhere(kind, port), tmp_path, 0) == f"127.0.0.1:{port}: connection refused"


async def test_one_whose_url_is_a_secret_is_not_looked_for_here(kind: StoreKind, tmp_path: Path) -> None:
    store = Store.model_validate({"kind": kind.name, "external_secret": "url"})
    assert await kind.ready(store, tmp_path, ports.lease(())) is None


def test_one_that_was_never_started_has_no_passwords(kind: StoreKind, tmp_path: Path) -> None:
    assert kind.passwords(tmp_path) == []


@pytest.mark.parametrize("kind", [kind for kind in map(STORES.get, STORES) if isinstance(kind, Elsewhere)])
def test_one_that_can_not_run_here_says_what_it_needs(kind: Elsewhere, tmp_path: Path) -> None:
    store = Store.model_validate({"kind": kind.name})
    with pytest.raises(MissingError, match=f"one machine does not run {kind.name}") as caught:
        kind.prepare(store, tmp_path, 1)
    assert not isinstance(caught.value, BinaryMissing)
    assert caught.value.hint is not None
    assert "external:" in caught.value.hint
    assert "external_secret:" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("postgresql://u:p@db/app", [("db", 5432)]),
        ("postgresql+asyncpg://db:6000/app", [("db", 6000)]),
        ("postgresql://u:p@one:1,two:2/app", [("one", 1), ("two", 2)]),
        ("rediss://:p%40x@cache", [("cache", 6379)]),
        ("redis://:a@b@cache:7", [("cache", 7)]),
        ("one:9092,two", [("one", 9092), ("two", 9092)]),
        ("https://search", [("search", 443)]),
        ("http://[::1]:9200", [("::1", 9200)]),
    ],
)
def test_hosts_and_ports_are_read_from_a_url(url: str, found: list[tuple[str, int]]) -> None:
    assert external.addresses(url) == found


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (f"postgresql://me:{PASSWORD}@db:port/app", "its URL has a port that is none"),
        (f"https://me:{PASSWORD}@", "its URL names no host"),
        (f"strange://me:{PASSWORD}@db", "its URL names no port for db"),
        (f"http://me:{PASSWORD}@[db", "its URL can't be read"),
    ],
)
async def test_a_url_that_names_no_place_is_told_without_its_password(url: str, problem: str) -> None:
    assert await external.reachable(url) == problem


async def test_one_host_of_several_is_enough() -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await external.reachable(f"kafka://127.0.0.1:{ports.lease(())},127.0.0.1:{port}") is None
