"""A real Redis: its data outlive it, and only the password opens it."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from fairlead.engine import ports
from fairlead.engine.secrets.value import Secret
from fairlead.engine.stores.redis import _ask
from fairlead.errors import BinaryMissing, RuntimeFailure, StateError

from .conftest import MakeServer, Server

pytestmark = pytest.mark.needs_redis


async def cli(server: Server, *words: str, password: str | None = None) -> str:
    """What redis-cli prints, with the store's own password or another."""
    process = await asyncio.create_subprocess_exec(
        "redis-cli", "-p", str(server.port), *words,
        env={"PATH": "/usr/bin:/bin", "REDISCLI_AUTH": server.password if password is None else password},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return out.decode().strip()


async def test_data_survive_a_restart_on_another_port(serve: MakeServer) -> None:
    server = serve(kind="redis")
    await server.start()
    assert await cli(server, "set", "name", "value") == "OK"
    ended = await server.stop()
    assert ended.exit_code == 0

    server.port = ports.lease({server.port})
    await server.start()
    assert await cli(server, "get", "name") == "value"


async def test_data_survive_a_kill(serve: MakeServer) -> None:
    server = serve(kind="redis")
    await server.start()
    assert await cli(server, "set", "name", "value") == "OK"
    await server.kill()
    await server.start()
    assert await cli(server, "get", "name") == "value"


async def test_nobody_gets_in_with_no_password_or_a_wrong_one(serve: MakeServer) -> None:
    server = serve(kind="redis")
    await server.start()
    assert "NOAUTH" in await cli(server, "ping", password="")
    assert "NOAUTH" in await cli(server, "ping", password="wrong")
    problem = await _ask(server.port, Secret("wrong"))
    assert problem == "refuses the password: another server may be on this port"


async def test_the_password_is_for_its_owner_alone_and_in_no_argument_log_or_repr(serve: MakeServer) -> None:
    server = serve(kind="redis")
    observed = await server.start()
    for name in ("password", "redis.conf"):
        assert stat.S_IMODE((server.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    launch = server.kind.launch(server.store, server.folder, server.port)
    shown = [
        Path(f"/proc/{observed.pid}/cmdline").read_text(),
        await server.log(),
        repr(launch),
        repr(server.kind.passwords(server.folder)),
        server.kind.address(server.store, server.folder, server.port),
    ]
    assert not [text for text in shown if server.password in text]
    assert server.password in server.url


async def test_settings_of_the_stack_reach_the_server(serve: MakeServer) -> None:
    server = serve(
        kind="redis", settings={"maxmemory": "64mb", "maxmemory-policy": "allkeys-lru", "lazyfree-lazy-expire": True}
    )
    await server.start()
    assert (await cli(server, "config", "get", "maxmemory")).split() == ["maxmemory", "67108864"]
    assert (await cli(server, "config", "get", "lazyfree-lazy-expire")).split()[-1] == "yes"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"requirepass": "other"}, "stores.shelf.settings.requirepass: is set by Fairlead"),
        ({"port": 1}, "stores.shelf.settings.port: is set by Fairlead"),
        ({"maxmemory": "1mb\nrequirepass x"}, "stores.shelf.settings.maxmemory: should be one line"),
        ({"max memory": "1mb"}, "stores.shelf.settings.max memory: should be one line"),
    ],
)
async def test_a_setting_that_would_undo_ours_is_refused(
    settings: dict[str, str], message: str, serve: MakeServer
) -> None:
    server = serve(kind="redis", settings=settings)
    with pytest.raises(RuntimeFailure) as caught:
        server.kind.prepare(server.store, server.folder, server.port)
    assert caught.value.message.startswith(message)


async def test_a_server_that_is_not_there_is_not_ready(serve: MakeServer) -> None:
    server = serve(kind="redis")
    server.kind.prepare(server.store, server.folder, server.port)
    assert await server.problem() == "connection refused"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "reading its data"),
        (b"-ERR AUTH <password> called without any password configured\r\n", "asks for no password: another server"),
        (b"-MISCONF Errors writing to the AOF file: No space left on device\r\n", "MISCONF Errors writing to the AOF"),
        (b"HTTP/1.1 400 Bad Request\r\n", "HTTP/1.1 400 Bad Request"),
        (b"", "closed the connection"),
    ],
)
async def test_a_server_that_answers_otherwise_is_not_ready_and_says_why(
    answer: bytes, problem: str, serve: MakeServer
) -> None:
    server = serve(kind="redis")
    server.kind.prepare(server.store, server.folder, server.port)

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(reply, "127.0.0.1", server.port):
        assert (await server.problem() or "").startswith(problem)


async def test_a_password_that_others_can_read_is_refused_with_what_to_type(serve: MakeServer) -> None:
    server = serve(kind="redis")
    server.kind.prepare(server.store, server.folder, server.port)
    (server.folder / "password").chmod(0o644)
    with pytest.raises(StateError, match="can be read by others") as caught:
        server.kind.prepare(server.store, server.folder, server.port)
    assert caught.value.hint == f"chmod 600 {server.folder / 'password'}"


async def test_a_password_that_got_lost_makes_a_server_not_ready_and_no_probe_fail(serve: MakeServer) -> None:
    server = serve(kind="redis")
    await server.start()
    (server.folder / "password").unlink()
    assert "the store's password can't be read" in (await server.problem() or "")


async def test_a_version_that_is_not_installed_names_those_that_are(serve: MakeServer) -> None:
    kind = serve(kind="redis").kind
    installed = kind.find(None)
    assert kind.find(installed.major) == installed
    with pytest.raises(BinaryMissing, match=f"redis 2 is not installed, only {installed.version}"):
        kind.find("2")


def test_a_missing_server_says_what_to_install(serve: MakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BinaryMissing, match="redis is not installed") as caught:
        serve(kind="redis").kind.find(None)
    assert caught.value.hint == "apt-get install redis-server"
