"""A rendered project on a real engine: the hub with Redis, Prometheus and the entrance."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from bench.town import until
from tests.render import compose_images
from tests.render.judging import lacking

from fairlead import __version__
from fairlead.render.checker import CHECKERS, Missing
from fairlead.render.checkers.compose import compose
from fairlead.render.rendering import rendered
from fairlead.render.target import Scene
from fairlead.render.writing import write
from fairlead.stack.model import Stack

PROMETHEUS = shutil.which("prometheus")
STACK = """
name: rendered-town
services:
  hub:
    uses: hub
    with: {providers: [echo], cache: redis, open: true}
    needs: [redis]
    ports: {http: 8080, metrics: 9090}
    scale: 2
    expose: [{path: /llm, strip_path: true}]
    traffic: {body_limit: 1Ki, headers: {response_set: {X-Town: small}}}
stores:
  redis: {kind: redis}
"""

pytestmark = [
    pytest.mark.needs_docker,
    pytest.mark.timeout(240),
    pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not on this machine"),
]


@dataclass(frozen=True)
class Project:
    """One that is up."""

    command: list[str]
    folder: Path
    port: int

    def run(self, *words: str) -> str:
        """What Compose says to a command."""
        done = subprocess.run([*self.command, *words], cwd=self.folder, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def asked(self, method: str, path: str, body: str | None = None) -> tuple[int, dict[str, str], str]:
        """Status, headers and body of an answer, through the entrance."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, text


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Rendered, its secrets made, and up."""
    try:
        command = compose()
    except Missing as missing:
        lacking("compose", str(missing))
    images = compose_images.ensure(Path(str(PROMETHEUS)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    said = yaml.safe_load(STACK) | {
        "router": {"http": port, "image": images.pop("envoy")},
        "docker": {"images": images},
    }
    stack = Stack.model_validate(said)
    compose_images.fairlead(f"fairlead:{__version__}", stack)
    folder = tmp_path_factory.mktemp("compose")
    folder.chmod(0o755)
    write(rendered("compose", Scene(stack)).files, folder)
    subprocess.run(["./secrets.sh"], cwd=folder, check=True, timeout=20)
    found = Project(command, folder, port)
    try:
        found.run("up", "--wait", "--wait-timeout", "120", "--no-build", "hub", "redis", "prometheus", "front")
        yield found
    finally:
        subprocess.run([*command, "down", "--volumes", "--timeout", "5"], cwd=folder, capture_output=True, timeout=100)


def test_a_request_is_answered_through_the_entrance(project: Project) -> None:
    """By path, with the headers and within the limits of the stack file."""
    question = json.dumps({"model": "echo/echo", "messages": [{"role": "user", "content": "hello there"}]})
    status, headers, text = project.asked("POST", "/llm/v1/chat/completions", question)
    assert status == 200, text
    assert "hello there" in text
    assert headers["x-town"] == "small"
    assert project.asked("GET", "/elsewhere")[0] == 404
    assert project.asked("POST", "/llm/v1/chat/completions", "x" * 2048)[0] == 413


def test_containers_are_denied_what_they_do_not_need(project: Project) -> None:
    """As the engine sees them."""
    for identity in project.run("ps", "--quiet").split():
        done = subprocess.run(["docker", "inspect", identity], capture_output=True, check=True, timeout=20)
        found: dict[str, Any] = json.loads(done.stdout)[0]
        host = found["HostConfig"]
        assert host["ReadonlyRootfs"] is True
        assert host["CapDrop"] == ["ALL"]
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert host["Init"] is True
        assert host["PidsLimit"] > 0
        assert host["Memory"] > 0
        assert found["Config"]["User"].partition(":")[0] not in ("", "0")
        assert found["State"]["Health"]["Status"] == "healthy"
        assert "Fl1-" not in json.dumps(found["Config"])


def test_prometheus_asks_every_instance_of_the_hub(project: Project) -> None:
    """Found by name in the network that leads there, once Prometheus has looked."""
    asked = "wget -q -O - 'http://127.0.0.1:9090/api/v1/targets?state=active'"

    def hubs() -> int:
        active = json.loads(project.run("exec", "prometheus", "sh", "-c", asked))["data"]["activeTargets"]
        return sum(one["labels"]["job"] == "hub" for one in active)

    until(lambda: hubs() == 2, "Prometheus knows both instances")


def test_compose_has_nothing_to_say_against_it(project: Project) -> None:
    """Not even a warning."""
    assert list(CHECKERS.get("compose").check(project.folder)) == []
    assert os.access(project.folder / "secrets.sh", os.X_OK)
