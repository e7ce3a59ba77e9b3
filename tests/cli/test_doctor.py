"""What the doctor sees."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from fairlead.cli.doctor import machine, stack, state
from fairlead.daemon.paths import StatePaths
from fairlead.engine.journal import Journal
from fairlead.engine.lock import OwnerLock
from fairlead.stack.model import Stack

from .conftest import Fairlead


def test_a_machine_that_has_everything_is_well(folder: Path, fairlead: Fairlead) -> None:
    """Exit code 0; as JSON too."""
    found = fairlead("doctor")
    told = json.loads(fairlead("doctor", "--json").out)["findings"]

    assert found.code == 0
    assert [one["name"] for one in told][:3] == ["python", "envoy", "limits"]
    assert all(one["hint"] for one in told if one["state"] != "ok")


def test_what_is_missing_ends_with_4_and_says_how_to_get_it(folder: Path, fairlead: Fairlead) -> None:
    """Here: the program of the only service."""
    text = (folder / "fairlead.yaml").read_text().replace("python3 notes.py", "nonesuch --serve")
    (folder / "fairlead.yaml").write_text(text)

    found = fairlead("doctor")

    lines = [" ".join(line.split()) for line in found.out.splitlines()]
    assert found.code == 4
    assert "missing services.notes program not found: nonesuch" in lines
    assert "hint: install `nonesuch`, or correct services.notes.command" in lines


def test_without_a_stack_file_only_the_machine_is_looked_at(folder: Path, fairlead: Fairlead) -> None:
    """It is what one does before writing one."""
    (folder / "fairlead.yaml").unlink()

    assert fairlead("doctor").code == 0


def test_a_stack_file_with_problems_is_a_finding(folder: Path, fairlead: Fairlead) -> None:
    """And all else is looked at nevertheless."""
    (folder / "fairlead.yaml").write_text("name: shop\n")

    found = fairlead("doctor")

    assert found.code == 4
    assert "missing  stack file" in found.out
    assert "state folder" in found.out


def test_a_store_needs_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless somebody else runs it."""
    monkeypatch.setenv("PATH", "/nowhere")
    told = {
        "name": "shop",
        "services": {"a": {"image": "a:1"}},
        "stores": {
            "cache": {"kind": "redis"},
            "far": {"kind": "redis", "external": "redis://far:6379"},
            "q": {"kind": "kafka"},
        },
    }

    found = {one.name: one for one in stack.findings(Stack.model_validate(told), Path("/"), running=False)}

    assert found.keys() == {"stores.cache", "stores.q"}
    assert found["stores.cache"].text == "redis-server is not installed"
    assert found["stores.q"].text == "kafka can't be started on one machine"


def test_a_public_port_that_somebody_holds_is_missing() -> None:
    """Unless it is our own router that does."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]

        assert stack.entrance("router.http", port, "127.0.0.1", running=False).state == "missing"
        assert stack.entrance("router.http", port, "127.0.0.1", running=True).state == "ok"


def test_a_journal_that_is_damaged_can_be_repaired(paths: StatePaths, fairlead: Fairlead) -> None:
    """From its last whole copy; the damaged one is kept."""
    journal = Journal(paths.journal)
    journal.keep_copy()
    journal.close()
    paths.journal.write_bytes(b"not a database, but long enough to be taken for one" * 100)

    assert state.journal(paths.journal).state == "missing"
    found = fairlead("doctor", "--repair")

    assert found.err.startswith("the journal is its last whole copy again; the damaged one is ")
    assert state.journal(paths.journal).state == "ok"
    assert fairlead("doctor", "--repair").err == "the journal is whole: nothing to repair\n"


def test_a_journal_in_use_is_not_repaired(paths: StatePaths, fairlead: Fairlead) -> None:
    """Its daemon has it open."""
    lock = OwnerLock(paths.lock)
    lock.take()

    found = fairlead("doctor", "--repair")
    lock.free()

    assert (found.code, found.err.splitlines()[0]) == (5, "error: the daemon uses the journal")


def test_envoy_is_asked_for_its_version() -> None:
    """That it is there does not mean that it starts."""
    found = machine.envoy()

    assert found.state == "ok"
    assert found.text[0].isdigit()
