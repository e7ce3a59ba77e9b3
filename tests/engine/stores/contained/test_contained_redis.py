"""Redis in a container."""

from __future__ import annotations

import pytest
from tests.engine.stores.contained.conftest import Declare

pytestmark = [pytest.mark.needs_docker, pytest.mark.needs_redis, pytest.mark.timeout(120)]

ASK = """
import os, socket, sys
from urllib.parse import urlsplit
url = urlsplit(os.environ["URL"])
talk = socket.create_connection((url.hostname, url.port), 5)
talk.sendall(f"AUTH {url.password}\\r\\n{sys.argv[1]}\\r\\nQUIT\\r\\n".encode())
print(b"".join(iter(lambda: talk.recv(4096), b"")).decode())
"""


async def test_it_answers_to_whoever_has_the_password_and_keeps_its_data(declare: Declare) -> None:
    """By its name inside, by a port of this machine outside; through a stop and a new container."""
    server = declare(kind="redis", settings={"maxmemory": "64mb"})
    await server.start()
    assert await server.ready() is None
    assert "+OK\r\n+OK" in await server.ask("python3", "-c", ASK, "SET word kept")
    await server.stop()
    await server.start()
    assert "kept" in await server.ask("python3", "-c", ASK, "GET word")
    assert "67108864" in await server.ask("python3", "-c", ASK, "CONFIG GET maxmemory")


async def test_it_is_hardened_and_shows_no_password(declare: Declare) -> None:
    """Read back from the engine."""
    server = declare(kind="redis")
    await server.start()
    assert server.inspected("{{ .HostConfig.ReadonlyRootfs }} {{ .HostConfig.CapDrop }}") == "true [ALL]"
    assert server.inspected("{{ .Config.User }}").partition(":")[0] not in ("", "0")
    assert server.kind.passwords(server.folder)[0].reveal() not in server.inspected("{{ json . }}")
    assert '"HostIp":"127.0.0.1"' in server.inspected("{{ json .HostConfig.PortBindings }}")


async def test_a_wrong_password_is_told(declare: Declare) -> None:
    """Another server may be on the port."""
    server = declare(kind="redis")
    await server.start()
    file = server.folder / "password"
    file.write_text("another" + "-one\n")
    assert "password" in str(await server.ready())


def test_the_version_is_part_of_the_image(declare: Declare) -> None:
    """A usual one where the stack file says none."""
    server = declare(kind="redis", version="8")
    assert server.kind.image(server.store, server.folder) == "redis:8"
    assert declare(kind="redis").kind.image(declare(kind="redis").store, server.folder) == "redis:7"
