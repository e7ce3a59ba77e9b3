"""Rendered units under a real systemd, which is the first process of a container: installed, asked, and taken away."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import yaml
from tests.render import compose_images, systemd_image

from fairlead.render.rendering import rendered
from fairlead.render.target import Scene
from fairlead.render.writing import write
from fairlead.stack.model import Stack

STACK = """
name: town
services:
  hub:
    uses: hub
    with: {providers: [echo], open: true}
    ports: {http: 18080, metrics: 19090}
    scale: 2
    probes: {readiness: {http: {path: /readiness}, every: 1s}, liveness: {http: {path: /liveness}, every: 1s}}
  sweep: {command: [sh, -c, echo swept], schedule: "0 3 * * *"}
"""
RIGHTS = ["--cap-add=ALL", "--cap-drop=SYS_RESOURCE", "--security-opt=seccomp=unconfined", "--tty"]
"""What systemd needs, which is less than `--privileged`: machines that may not give everything may give this."""

SPOOLS = ["--tmpfs=/run", "--tmpfs=/tmp", "--env=container=docker"]
EXPOSURE = 1.5

pytestmark = [pytest.mark.needs_docker, pytest.mark.timeout(240)]


@dataclass(frozen=True)
class Machine:
    """A container that has booted."""

    name: str

    def run(self, *command: str, codes: tuple[int, ...] = (0,)) -> str:
        """What a command says there."""
        done = subprocess.run(["docker", "exec", self.name, *command], capture_output=True, text=True, timeout=150)
        assert done.returncode in codes, f"{command} ended with {done.returncode}: {done.stdout} {done.stderr}"
        return done.stdout

    def answers(self, port: int) -> str:
        """What the hub of this port answers."""
        question = json.dumps({"model": "echo/echo", "messages": [{"role": "user", "content": "hello there"}]})
        asked = ["curl", "--silent", "--show-error", "--max-time", "20", "--json", question]
        return self.run(*asked, f"http://127.0.0.1:{port}/v1/chat/completions")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """With the stack installed by its own script."""
    stack = Stack.model_validate(yaml.safe_load(STACK))
    compose_images.fairlead("fairlead-test/hub:1", stack)
    image = systemd_image.ensure("fairlead-test/hub:1")
    folder = tmp_path_factory.mktemp("systemd")
    write(rendered("systemd", Scene(stack)).files, folder)
    command = ["docker", "run", "--detach", *RIGHTS, *SPOOLS, image]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        pytest.skip(f"systemd can't be the first process of a container here: {done.stderr.strip()}")
    found = Machine(done.stdout.strip())
    try:
        _booted(found)
        subprocess.run(["docker", "cp", str(folder), f"{found.name}:/root/rendered"], check=True, timeout=60)
        found.run("timeout", "140", "/root/rendered/install")
        yield found
    finally:
        subprocess.run(["docker", "rm", "--force", found.name], capture_output=True, timeout=60)


def test_every_instance_answers_once_the_script_has_installed_it(machine: Machine) -> None:
    """It waits for the readiness probe; the ports are the stack file's and the next ones."""
    for port in (18080, 18081):
        assert "hello there" in machine.answers(port)


def test_a_program_that_dies_is_started_again_and_timers_are_listed(machine: Machine) -> None:
    """By systemd, and the liveness probe and the schedule are on its list."""
    before = _main(machine)
    machine.run("systemctl", "kill", "--signal=SIGKILL", "town-hub@1.service")
    machine.run("timeout", "100", "bash", "-c", AGAIN, "-", before)
    assert "hello there" in machine.answers(18080)
    listed = machine.run("systemctl", "list-timers", "--all", "--no-pager", "--no-legend")
    for timer in ("town-hub-health@1.timer", "town-hub-health@2.timer", "town-sweep.timer"):
        assert timer in listed


def test_units_are_as_closed_as_promised_while_they_run(machine: Machine) -> None:
    """As systemd counts it of what is loaded, and in the process itself."""
    for unit in ("town-hub@1.service", "town-sweep.service"):
        said = machine.run("systemd-analyze", "security", "--no-pager", unit)
        found = re.search(r"exposure level for \S+ ([\d.]+)", said)
        assert found
        assert float(found[1]) <= EXPOSURE
    status = machine.run("cat", f"/proc/{_main(machine)}/status")
    assert "NoNewPrivs:\t1" in status
    assert "CapBnd:\t0000000000000000" in status
    assert "Seccomp:\t2" in status


def test_systemd_takes_every_line_of_units_and_journals(machine: Machine) -> None:
    """One that it can't read it leaves out, with a word in the log."""
    told = "".join(machine.run("journalctl", "--no-pager", *where) for where in ((), ("--namespace", "town-hub")))
    assert [line for line in told.splitlines() if re.search(r"ignoring|Unknown key", line)] == []


def test_what_was_installed_is_taken_away(machine: Machine) -> None:
    """Stopped first, with secrets and data where that is asked for; and it can be put there again."""
    machine.run("timeout", "100", "/root/rendered/uninstall", "--purge", "--yes")
    assert machine.run("systemctl", "list-units", "--all", "--no-legend", "--plain", "town*").strip() == ""
    left = machine.run("find", "/etc/systemd", "/etc/town", "/usr/local/lib/town", "-name", "*town*", codes=(0, 1))
    assert left.strip() == ""
    machine.run("timeout", "140", "/root/rendered/install")
    assert "hello there" in machine.answers(18081)


AGAIN = "until now=$(systemctl show -P MainPID town-hub@1.service); ((now && now != $1)) && systemctl -q is-active "
AGAIN += "town-hub@1.service; do sleep 0.1; done"


def _main(machine: Machine) -> str:
    return machine.run("systemctl", "show", "-P", "MainPID", "town-hub@1.service").strip()


def _booted(machine: Machine) -> None:
    """Wait until its first process is done with starting."""
    waiting = "until systemctl is-system-running --wait 2>/dev/null | grep -Eq 'running|degraded'; do sleep 0.1; done"
    machine.run("timeout", "60", "sh", "-c", waiting)
