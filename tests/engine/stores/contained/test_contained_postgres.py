"""PostgreSQL in a container."""

from __future__ import annotations

import asyncio

import pytest
from tests import store_images
from tests.engine.stores.contained.conftest import Declare, Server

from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.engine.stores import STORES, pgwire
from fairlead.engine.stores.passwords import read
from fairlead.errors import RuntimeFailure, StateError

pytestmark = [pytest.mark.needs_docker, pytest.mark.needs_postgres, pytest.mark.timeout(180)]


@pytest.fixture
def version() -> str:
    """The one that is installed here."""
    return store_images.postgres_image().partition(":")[2]


def login(server: Server, *, role: str = "app", database: str = "app", admin: bool = False) -> pgwire.Login:
    """Who asks from this machine."""
    return pgwire.Login(server.port, role, database, read(server.folder / ("admin-password" if admin else "password")))


async def test_a_service_gets_its_own_database_and_the_data_stay(declare: Declare, version: str) -> None:
    """By its name inside, by a port of this machine outside; through a stop and a new container."""
    server = declare(kind="postgres", version=version, settings={"work_mem": "8MB"})
    await server.start()
    sql = "CREATE TABLE words (word text); INSERT INTO words VALUES ('kept'); SHOW work_mem"
    assert "8MB" in await server.ask("sh", "-c", f'psql "$URL" -tA -c "{sql}"')
    await server.stop()
    await server.start()
    assert await pgwire.ask(login(server), "SELECT word FROM words") == [["kept"]]
    assert await server.ask("sh", "-c", 'psql "$URL" -tAc "SELECT current_user"') == "app"


async def test_nobody_gets_in_without_the_password(declare: Declare, version: str) -> None:
    """Not even from inside; the services' role is no superuser; what Docker shows of it holds no password."""
    server = declare(kind="postgres", version=version)
    await server.start()
    with pytest.raises(AssertionError, match="password"):
        await server.ask("psql", "-w", "-h", "shelf", "-U", "postgres", "-c", "SELECT 1")
    assert await pgwire.ask(login(server), "SHOW is_superuser") == [["off"]]
    passwords = server.kind.passwords(server.folder)
    assert len(passwords) == 2
    assert not [one for one in passwords if one.reveal() in server.inspected("{{ json . }}")]
    assert server.inspected("{{ .HostConfig.ReadonlyRootfs }} {{ .HostConfig.CapDrop }}") == "true [ALL]"


async def test_a_changed_password_or_database_is_made_good(declare: Declare, version: str) -> None:
    """Whatever became of the role, the next question mends it."""
    server = declare(kind="postgres", version=version)
    await server.start()
    await pgwire.ask(login(server, role="postgres", database="postgres", admin=True), "ALTER ROLE app PASSWORD 'x'")
    assert await server.ready() is None
    other = declare(kind="postgres", version=version, database="other-one")
    assert await other.ready() is None
    assert await pgwire.ask(login(other, role="other-one", database="other-one"), "SELECT 1, NULL") == [["1", None]]


async def test_the_data_of_a_server_on_this_machine_are_taken_over(declare: Declare, version: str) -> None:
    """And go back to it: the folder is the same, and so are the passwords."""
    server = declare(kind="postgres", version=version)
    process, local = ProcessRuntime(server.state / "instances"), STORES.get("postgres")
    local.prepare(server.store, server.folder, server.port)
    launch = local.launch(server.store, server.folder, server.port)
    await process.start(launch)
    await _written(server, "local")
    await process.stop(launch.id, launch.stop)
    await server.start()
    await _written(server, "contained")
    await server.stop()
    await process.start(launch)
    assert await _written(server, "local again") == ["local", "contained", "local again"]
    await process.stop(launch.id, launch.stop)


async def _written(server: Server, word: str) -> list[str | None]:
    """Write a word once the server answers; all that were written."""
    async with asyncio.timeout(30):
        while await server.ready() is not None:  # noqa: ASYNC110 - another program, which tells nobody
            await asyncio.sleep(0.05)
    await pgwire.ask(login(server), "CREATE TABLE IF NOT EXISTS words (word text)")
    await pgwire.ask(login(server), f"INSERT INTO words VALUES ('{word}')")
    return [row[0] for row in await pgwire.ask(login(server), "SELECT word FROM words")]


async def test_data_of_another_version_are_not_touched(declare: Declare, version: str) -> None:
    """A server of another major version would refuse them; a dump is the way."""
    server = declare(kind="postgres", version=version)
    await server.start()
    await server.stop()
    assert server.kind.image(declare(kind="postgres").store, server.folder) == f"postgres:{version}"
    newer = declare(kind="postgres", version="99")
    with pytest.raises(StateError, match=f"was made by postgres {version}"):
        newer.kind.image(newer.store, newer.folder)


def test_settings_that_are_ours_are_refused(declare: Declare) -> None:
    """Before anything is started."""
    server = declare(kind="postgres", settings={"hba_file": "/tmp/open"})
    with pytest.raises(RuntimeFailure, match="is set by Fairlead"):
        server.kind.prepare(server.store, server.folder, server.port)


async def test_a_server_that_does_not_answer_is_told(declare: Declare, version: str) -> None:
    """In words, since people read it while they wait."""
    server = declare(kind="postgres", version=version)
    server.kind.prepare(server.store, server.folder, server.port)
    assert await server.ready() == "connection refused"
