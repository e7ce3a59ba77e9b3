"""A real PostgreSQL: its data outlive it, only the password opens it, and nothing is upgraded in silence."""

from __future__ import annotations

import asyncio
import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.engine import ports
from fairlead.engine.stores import postgres as module
from fairlead.engine.stores.account import Account
from fairlead.errors import BinaryMissing, RuntimeFailure, StateError

from .conftest import MakeServer, Server

pytestmark = pytest.mark.needs_postgres


async def psql(server: Server, sql: str, *, url: str | None = None) -> str:
    """What psql prints, as a service with the store's URL would see it."""
    process = await asyncio.create_subprocess_exec(
        server.kind.find(None)["psql"], "-XAtq", "-c", sql, url or server.url,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return out.decode().strip()


def as_root() -> bool:
    """Whether the server has to run as somebody else."""
    return os.getuid() == 0


async def test_data_survive_a_restart_on_another_port(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    await server.start()
    assert await psql(server, "CREATE TABLE t (n int); INSERT INTO t VALUES (7)") == ""
    ended = await server.stop()
    assert ended.exit_code == 0

    server.port = ports.lease({server.port})
    await server.start()
    assert await psql(server, "SELECT n FROM t") == "7"


async def test_data_survive_a_kill(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    await server.start()
    assert await psql(server, "CREATE TABLE t (n int); INSERT INTO t VALUES (7)") == ""
    await server.kill()
    await server.start()
    assert await psql(server, "SELECT n FROM t") == "7"


async def test_an_open_session_does_not_hold_up_a_stop(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    await server.start()
    session = asyncio.create_task(psql(server, "SELECT pg_sleep(600)"))
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"
    while await psql(server, sleeping) != "1":  # each question takes a round trip
        pass
    assert (await server.stop()).exit_code == 0
    assert "terminating connection" in await session


async def test_nobody_gets_in_with_no_password_or_a_wrong_one(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    await server.start()
    wrong = server.url.replace(server.password, "wrong")
    assert "password authentication failed" in await psql(server, "SELECT 1", url=wrong)
    none = server.url.replace(f":{server.password}", "")
    assert "no password supplied" in await psql(server, "SELECT 1", url=none)


async def test_services_own_their_database_and_nothing_else(serve: MakeServer) -> None:
    server = serve(kind="postgres", database="orders-2024")
    await server.start()
    assert await psql(server, "SELECT current_database(), current_user") == "orders-2024|orders-2024"
    assert await psql(server, "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user") == "f"
    assert "must be superuser" in await psql(server, "COPY (SELECT 1) TO PROGRAM 'true'")


async def test_another_database_is_made_when_the_stack_names_another(serve: MakeServer) -> None:
    server = serve(kind="postgres", database="first")
    await server.start()
    await server.stop()
    server = serve(kind="postgres", database="second")
    await server.start()
    assert await psql(server, "SELECT current_database()") == "second"


async def test_a_lost_password_of_the_services_is_made_anew(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    await server.start()
    await server.stop()
    old = server.password
    (server.folder / "password").unlink()
    await server.start()
    assert server.password != old
    assert await psql(server, "SELECT 1") == "1"


async def test_passwords_are_for_their_owner_alone_and_in_no_argument_log_or_repr(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    observed = await server.start()
    await psql(server, "SELECT 1", url=server.url.replace(server.password, "wrong"))
    for name in ("password", "admin-password"):
        assert stat.S_IMODE((server.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((server.folder / "data").stat().st_mode) == 0o700
    launch = server.kind.launch(server.store, server.folder, server.port)
    text = "\n".join([
        Path(f"/proc/{observed.pid}/cmdline").read_text(),
        await server.log(),
        repr(launch),
        server.kind.address(server.store, server.folder, server.port),
    ])  # fmt: skip
    values = [secret.reveal() for secret in server.kind.passwords(server.folder)]
    assert len(set(values)) == 2
    assert not [value for value in values if value in text]


async def test_no_file_but_the_two_of_the_passwords_holds_one(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    await server.start()
    await server.stop()
    values = [secret.reveal().encode() for secret in server.kind.passwords(server.folder)]
    holding = {
        file.name
        for file in server.state.rglob("*")
        if file.is_file() and any(value in file.read_bytes() for value in values)
    }
    assert holding == {"password", "admin-password"}


async def test_settings_of_the_stack_reach_the_server(serve: MakeServer) -> None:
    server = serve(kind="postgres", settings={"work_mem": "8MB", "jit": False, "max_connections": 42})
    await server.start()
    shown = await psql(
        server, "SELECT current_setting('work_mem'), current_setting('jit'), current_setting('max_connections')"
    )
    assert shown == "8MB|off|42"


@pytest.mark.parametrize(
    ("store", "message"),
    [
        ({"settings": {"shared_bufers": "1GB"}}, 'unrecognized configuration parameter "shared_bufers"'),
        ({"settings": {"work_mem": "much"}}, 'invalid value for parameter "work_mem": "much"'),
        ({"settings": {"port": 5432}}, "stores.shelf.settings.port: is set by Fairlead"),
        ({"settings": {"a b": 1}}, "stores.shelf.settings.a b: is no name of a setting"),
        ({"database": "pg_mine"}, "stores.shelf.database: should be at most 63"),
        ({"database": "x; DROP"}, "stores.shelf.database: should be at most 63"),
        ({"database": "template1"}, "stores.shelf.database: should be at most 63"),
    ],
)
def test_what_the_server_would_not_take_is_told_before_it_is_started(
    store: dict[str, object], message: str, serve: MakeServer
) -> None:
    server = serve(kind="postgres", **store)
    with pytest.raises(RuntimeFailure) as caught:
        server.kind.prepare(server.store, server.folder, server.port)
    assert message in caught.value.message


def test_data_of_another_version_are_an_error_and_stay_as_they_are(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    server.kind.prepare(server.store, server.folder, server.port)
    major = server.kind.find(None).major
    (server.folder / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(BinaryMissing, match=f"postgres 9 is not installed, only {major}"):
        server.kind.prepare(server.store, server.folder, server.port)
    asked = serve(kind="postgres", version=major)
    with pytest.raises(StateError, match=f"was made by postgres 9, and the stack asks for {major}"):
        asked.kind.prepare(asked.store, asked.folder, asked.port)


def test_a_folder_that_is_no_data_directory_is_not_overwritten(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    (server.folder / "data").mkdir(parents=True)
    (server.folder / "data" / "precious").write_text("mine")
    with pytest.raises(StateError, match="PG_VERSION is missing"):
        server.kind.prepare(server.store, server.folder, server.port)
    assert (server.folder / "data" / "precious").read_text() == "mine"


PREPARE = """
import sys
from pathlib import Path
from fairlead.engine.stores import STORES
from fairlead.stack.model.store import Store
STORES.get("postgres").prepare(Store(kind="postgres"), Path(sys.argv[1]), 1)
"""


async def test_a_first_start_that_is_killed_half_way_begins_anew(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", PREPARE, str(server.folder))
    while not list(server.folder.glob("data.unfinished-*/data/base")):
        assert process.returncode is None
        await asyncio.sleep(0)
    process.kill()
    await process.wait()
    assert not (server.folder / "data").exists()
    await server.start()
    assert await psql(server, "SELECT 1") == "1"
    assert [file.name for file in server.folder.glob("data*")] == ["data"]


async def test_a_pid_file_whose_pid_is_another_program_now_does_not_stop_a_start(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    await server.start()
    await server.kill()
    account = module._account(server.folder / "data")
    other = await asyncio.create_subprocess_exec("sleep", "600", user=account.uid if account.name else None)
    file = server.folder / "data" / "postmaster.pid"
    file.write_text(file.read_text().replace(file.read_text().splitlines()[0], str(other.pid), 1))
    try:
        await server.start()
    finally:
        other.kill()
        await other.wait()
    assert await psql(server, "SELECT 1") == "1"


@pytest.mark.skipif(not as_root(), reason="only root can become another user")
async def test_root_runs_it_as_a_user_without_rights(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    observed = await server.start()
    launch = server.kind.launch(server.store, server.folder, server.port)
    assert launch.user in ("postgres", "nobody")
    assert Path(f"/proc/{observed.pid}").stat().st_uid == pwd.getpwnam(launch.user).pw_uid


@pytest.mark.skipif(not as_root(), reason="only root can become another user")
def test_a_folder_that_this_user_can_not_reach_is_named(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    server.state.chmod(0o700)
    with pytest.raises(StateError, match=f"can't enter {server.state}$") as caught:
        server.kind.prepare(server.store, server.folder, server.port)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(f"chmod o+x {server.state}, or")


def test_an_initdb_that_fails_says_why_and_leaves_nothing(serve: MakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Account, argv: list[str | Path], **environment: str) -> subprocess.CompletedProcess[str]:
        said = "creating directory\ninitdb: error: could not write file: No space left on device\n"
        return subprocess.CompletedProcess(argv, 0 if "sh" in str(argv[0]) else 1, "", said)

    server = serve(kind="postgres")
    monkeypatch.setattr(Account, "run", full)
    with pytest.raises(StateError, match="initdb failed: initdb: error: could not write file: No space left on device"):
        server.kind.prepare(server.store, server.folder, server.port)
    assert sorted(file.name for file in server.folder.iterdir()) == ["admin-password", "password"]


def test_a_file_in_place_of_the_folder_is_a_clear_error(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    server.folder.parent.mkdir()
    server.folder.write_text("")
    with pytest.raises(StateError, match="can't be used: File exists"):
        server.kind.prepare(server.store, server.folder, server.port)


async def test_a_server_that_is_not_there_is_not_ready(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    server.kind.prepare(server.store, server.folder, server.port)
    assert await server.problem() == "Connection refused"


async def test_a_password_that_got_lost_makes_a_server_not_ready_and_no_probe_fail(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    await server.start()
    (server.folder / "password").unlink()
    assert "the store's password can't be read" in (await server.problem() or "")


async def test_another_server_on_the_port_is_not_taken_for_ours(serve: MakeServer) -> None:
    server = serve(kind="postgres")
    await server.start()
    for name in ("password", "admin-password"):
        (server.folder / name).write_text("another\n")
    assert await server.problem() == 'password authentication failed for user "postgres"'


def test_a_version_that_is_not_installed_names_those_that_are(serve: MakeServer) -> None:
    kind = serve(kind="postgres").kind
    installed = kind.find(None)
    assert kind.find(installed.major) == installed
    with pytest.raises(BinaryMissing, match=f"postgres 9 is not installed, only {installed.version}") as caught:
        kind.find("9")
    assert caught.value.hint == "apt-get install postgresql-9, or ask for a version that is there"


def test_a_missing_server_says_what_to_install(serve: MakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(module, "PLACES", ())
    with pytest.raises(BinaryMissing, match="postgres is not installed") as caught:
        serve(kind="postgres").kind.find(None)
    assert caught.value.hint == "apt-get install postgresql"
