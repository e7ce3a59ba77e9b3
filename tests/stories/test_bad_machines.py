"""A machine that is not as it should be: each time a clear error, or it is survived, with nothing lost."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.town import Town, until
from bench.truth import settled
from tests.stories.services import web

from fairlead.engine.ports import free

ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason="mounts a file system, which only root can")


def test_an_entrance_that_is_taken_is_an_error_before_anything_starts(town: Town) -> None:
    """Which port, and how to mend it."""
    town.declare({"web": web()})
    with socket.create_server(("127.0.0.1", town.port)):
        said = town.fairlead("up", fails=True)
    assert said.code == 8
    assert f"router.http: port {town.port} on 127.0.0.1 is taken by another program" in said.err
    assert "hint: " in said.err
    assert town.processes() == {}
    town.up()
    assert town.get("/web/").status_code == 200


@pytest.mark.only_on("process")
def test_a_port_that_somebody_took_while_an_instance_was_away_is_replaced(town: Town) -> None:
    """The instance gets another one."""
    town.declare({"web": web()})
    town.up()
    port = town.instances("web")[0]["ports"]["http"]
    town.kill_daemon()
    os.kill(next(pid for pid, instance in town.processes().items() if instance == "web-v1-1"), signal.SIGKILL)
    until(lambda: free(port), "the port is free")
    with socket.create_server(("127.0.0.1", port)):
        town.fairlead("daemon", "start")
        assert settled(town, ("web",)) == []
        assert town.instances("web")[0]["ports"]["http"] != port


def test_a_program_that_is_not_installed_is_named(town: Town) -> None:
    """The version before goes on."""
    town.declare({"web": web()})
    town.up()
    town.declare({"web": {**web(release={"ready_within": "3s"}), "command": ["no-such-program", "web.py"]}})
    said = town.fairlead("deploy", "web", fails=True)
    assert "program not found: no-such-program" in said.err
    assert town.get("/web/").headers["x-version"] == "v1"


def test_a_second_daemon_is_refused(town: Town) -> None:
    """It says who holds the stack; the first does not notice."""
    town.declare({"web": web()})
    town.up()
    said = town.fairlead("daemon", "run", fails=True)
    assert said.code == 5
    assert f"another daemon runs this stack (process {town.daemon})" in said.err
    assert settled(town, ("web",)) == []


def test_a_state_folder_that_cannot_be_written_is_an_error(town: Town) -> None:
    """Which one, and what to do."""
    town.declare({"web": web()})
    town.state.write_text("a file where the folder should be")
    said = town.fairlead("up", fails=True)
    assert said.code == 5
    assert f"{town.state}: the state folder can't be written" in said.err
    assert "FAIRLEAD_STATE" in said.err


@ROOT_ONLY
def test_a_state_folder_that_is_read_only_is_an_error(small_disk: Path, town: Town) -> None:
    """Which one, and what to do."""
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    town.moved(small_disk / "state")
    town.declare({"web": web()})
    said = town.fairlead("up", fails=True)
    assert said.code == 5
    assert f"{town.state}: the state folder can't be written: Read-only file system" in said.err


@pytest.mark.parametrize("damage", ["truncated", "overwritten"])
def test_a_damaged_journal_is_an_error_and_can_be_repaired(town: Town, damage: str) -> None:
    """Services go on meanwhile; after the repair the daemon takes them over."""
    town.declare({"web": web()})
    town.up()
    town.fairlead("deploy", "web", "--set", "environment.WORD=new")
    town.fairlead("daemon", "stop")
    before = town.processes()
    _damage(town.state / "journal.db", damage)

    said = town.fairlead("daemon", "start", fails=True)
    assert "is damaged" in said.err
    assert "fairlead doctor --repair" in said.err
    assert town.get("/web/").text == "v2 new\n"

    town.fairlead("doctor", "--repair")
    town.fairlead("daemon", "start")
    assert settled(town, ("web",)) == []
    assert town.processes() == before


def _damage(journal: Path, how: str) -> None:
    content = journal.read_bytes()
    broken = content[: len(content) // 2] if how == "truncated" else b"\x5a" * 4096 + content[4096:]
    journal.write_bytes(broken)


@ROOT_ONLY
def test_a_full_disk_fails_the_release_and_nothing_else(small_disk: Path, town: Town) -> None:
    """The old version serves on; with room again, the release gets in."""
    town.moved(small_disk / "state")
    town.declare({"web": web()})
    town.up()
    filler = small_disk / "filler"
    _fill(filler)
    said = town.fairlead("deploy", "web", "--set", "environment.WORD=new", fails=True)
    assert "full" in said.err or "No space left" in said.err
    assert town.get("/web/").headers["x-version"] == "v1"
    filler.unlink()
    if town.daemon is None:
        town.fairlead("daemon", "start")
    assert settled(town, ("web",)) == []
    town.fairlead("deploy", "web", "--set", "environment.WORD=newer")
    assert settled(town, ("web",)) == []
    assert town.get("/web/").text.endswith("newer\n")


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as full:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while full.write(b"x" * size):
                    pass
            except OSError:
                continue


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = Path(tempfile.mkdtemp(prefix="fairlead-disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("this root can't mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    shutil.rmtree(folder, ignore_errors=True)
