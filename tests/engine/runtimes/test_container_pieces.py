"""The pure parts of the Docker runtime: what is asked of the engine, and what its answers mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fairlead.engine.runtime import Container, Launch, LogLine, LogPolicy, Phase
from fairlead.engine.runtimes.docker import labels, refusals, seen, spec
from fairlead.engine.runtimes.docker.frames import LONGEST, Lines
from fairlead.engine.runtimes.docker.kept import Kept
from fairlead.engine.runtimes.docker.refusals import Refused
from fairlead.errors import BinaryMissing, RuntimeFailure
from fairlead.kit.clock import SystemClock

STAMP = b"2026-11-21T15:05:57.445344715Z "


def body(container: Container, *argv: str, cwd: Path = Path("/app")) -> dict[str, Any]:
    """What would be sent."""
    launch = Launch("web-v1-1", argv, cwd, {"A": "1"}, container=container)
    return spec.container(launch, labels={}, network="net", router="172.18.0.1")


def test_an_argument_list_is_given_to_the_entry_point_or_replaces_it() -> None:
    """As the stack file means it; an empty one leaves what the image has."""
    assert body(Container("i"), "serve", "-v")["Cmd"] == ["serve", "-v"]
    assert "Entrypoint" not in body(Container("i"), "serve")
    own = body(Container("i", own_entrypoint=True), "serve", "-v")
    assert (own["Entrypoint"], own["Cmd"]) == (["serve"], ["-v"])
    assert {"Entrypoint", "Cmd"} & set(body(Container("i"))) == set()


def test_a_relative_folder_leaves_the_images_own() -> None:
    """A local process runs in the service's directory; an image has one of its own."""
    assert body(Container("i"))["WorkingDir"] == "/app"
    assert "WorkingDir" not in body(Container("i"), cwd=Path())


def test_on_the_network_of_the_machine_the_router_is_at_loopback() -> None:
    """Where there is no gateway."""
    launch = Launch("r", (), Path(), {}, container=Container("i", host_network=True, alias="db"))
    made = spec.container(launch, labels={}, network="host", router=spec.LOOPBACK)

    assert spec.network_kind(launch) == "host"
    assert made["HostConfig"]["ExtraHosts"] == ["router.fairlead.internal:127.0.0.1"]
    assert "NetworkingConfig" not in made


def state(**fields: Any) -> dict[str, Any]:
    return {"State": {"Running": False, "ExitCode": 0, "StartedAt": "2026-11-21T15:05:57.2Z", "Pid": 0, **fields}}


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (state(ExitCode=3), "exited with 3"),
        (state(ExitCode=143), "ended by signal 15"),
        (state(ExitCode=137, OOMKilled=True), "out of memory"),
        (state(ExitCode=0, OOMKilled=True), "exited with 0"),  # a child of it was killed, and it went on
    ],
)
def test_an_end_has_a_reason_in_words(found: dict[str, Any], reason: str) -> None:
    """The same as those of a local process."""
    assert seen.observed(found).reason == reason


def test_a_container_that_never_started_is_absent() -> None:
    """An engine was killed between making and starting it."""
    assert seen.observed(state(StartedAt="0001-01-01T00:00:00Z")).phase is Phase.ABSENT


def test_memory_is_counted_without_the_cache_under_both_versions_of_cgroups() -> None:
    """As `docker stats` does it."""
    cpu = {"cpu_usage": {"total_usage": 2_500_000_000}}
    for name in ("total_inactive_file", "inactive_file"):
        used = seen.usage({"memory_stats": {"usage": 100, "stats": {name: 30}}, "cpu_stats": cpu})
        assert used is not None
        assert (used.memory_bytes, used.cpu_seconds) == (70, 2.5)
    assert seen.usage({"memory_stats": {}, "cpu_stats": cpu}) is None


def test_pieces_of_a_line_are_put_together_for_each_stream() -> None:
    """The time is that of the first piece."""
    lines = Lines()
    assert lines.take("out", STAMP + b"be") is None
    assert lines.take("err", STAMP + b"else\n") == LogLine(seen.moment(STAMP.decode().strip()) or 0, "err", "else")
    assert (lines.take("out", b"2026-11-21T15:06:57Z gun\n") or LogLine(0, "", "")).text == "begun"
    lines.take("out", STAMP + b"no end")
    assert [line.text for line in lines.rest()] == ["no end"]


def test_a_line_without_end_is_cut() -> None:
    """None of it stays in memory."""
    lines = Lines()
    cut = [line for _ in range(8) if (line := lines.take("out", STAMP + b"x" * LONGEST))]
    assert [len(line.text) for line in cut] == [LONGEST] * 8
    assert lines.rest() == []


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("No such image: a:b", RuntimeFailure, "no such image on this machine: a:b"),
        ('exec: "x": executable file not found in $PATH', BinaryMissing, "program not found: serve"),
        (
            "driver failed: Bind for 127.0.0.1:5432 failed: port is already allocated",
            RuntimeFailure,
            "port 5432 of this machine is taken",
        ),
        (
            "Error starting userland proxy: listen tcp4 127.0.0.1:5432: bind: address already in use",
            RuntimeFailure,
            "port 5432 of this machine is taken",
        ),
        ("Minimum memory limit allowed is 6MB", RuntimeFailure, "can't be started: minimum memory limit"),
    ],
)
def test_refusals_say_what_to_mend(said: str, kind: type[Exception], words: str) -> None:
    """In the words of the user, not of the engine."""
    launch = Launch("web", ("serve",), Path(), {}, container=Container("a:b"))
    error = refusals.explained(launch, Refused(500, said))
    assert isinstance(error, kind)
    assert words in error.message


def test_a_name_tells_stack_folder_and_instance() -> None:
    """Two folders never give the same."""
    assert labels.name("town", "0a1b", "web-v1-1") == "fairlead-town-0a1b-web-v1-1"
    assert labels.state_label(Path("/a")) != labels.state_label(Path("/b"))


async def test_what_was_kept_before_a_crash_is_not_kept_twice(tmp_path: Path) -> None:
    """The engine may be killed between the keeping and the removal of the container."""
    kept = Kept(tmp_path, SystemClock())
    kept.prepare("one")
    first, second = (LogLine(1763555555.25 + n, "out", f"line {n}") for n in range(2))

    await kept.add("one", [first], LogPolicy())
    await kept.add("one", [first, second], LogPolicy())

    assert await kept.read("one") == [first, second]
    assert await kept.read("one", since=first.at) == [second]
