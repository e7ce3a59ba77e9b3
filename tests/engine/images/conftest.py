"""A registry of images on this machine, and images that are fetched and built for a stack in a folder of its own."""

from __future__ import annotations

import base64
import json
import subprocess
import tarfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import images as base_images

from fairlead.engine import ports
from fairlead.engine.images.images import Images
from fairlead.engine.runtimes.docker.labels import state_label
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

USER = "tester"
PASSWORD = "made-" + "up"
HASHED = "$2y$05$abcdefghijklmnopqrstuupNZbhxYdC58es" + "ayGQAPkXUkZfWQoYFG"
"""bcrypt of it, which is what the registry wants."""


def docker(*words: str, **more: Any) -> str:
    """What the Docker client answers."""
    asked = subprocess.run(["docker", *words], check=False, capture_output=True, text=True, **more)
    assert asked.returncode == 0, asked.stderr
    return str(asked.stdout).strip()


@dataclass
class Registry:
    """A registry that asks for a password."""

    port: int
    folder: Path
    pushed: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _root(self) -> Path:
        """A root file system with next to nothing in it."""
        made = self.folder / "root.tar"
        with tarfile.open(made, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("empty"))
        return made

    def login(self, folder: Path) -> None:
        """Write what `docker login` writes."""
        folder.mkdir(exist_ok=True)
        auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        (folder / "config.json").write_text(json.dumps({"auths": {self.host: {"auth": auth}}}))

    def push(self, name: str, content: str) -> str:
        """Put an image there whose label `content` tells it from others; it is no longer on this machine then."""
        image = f"{self.host}/{name}"
        docker("import", "--change", f"LABEL content={content}", str(self._root()), image)
        self.login(self.folder / "client")
        docker("--config", str(self.folder / "client"), "push", "--quiet", image)
        docker("image", "rm", image)
        self.pushed.append(image)
        return image


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """Debian's `docker-registry`, with everything in a folder that goes away."""
    made = Registry(ports.lease(()), tmp_path / "registry")
    made.folder.mkdir()
    (made.folder / "htpasswd").write_text(f"{USER}:{HASHED}\n")
    config = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(made.folder / "storage")}},
        "http": {"addr": made.host, "secret": "of no importance"},
        "auth": {"htpasswd": {"realm": "test", "path": str(made.folder / "htpasswd")}},
    }
    (made.folder / "config.yml").write_text(json.dumps(config))
    command = ["docker-registry", "serve", str(made.folder / "config.yml")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _answers(made, process)
            yield made
        finally:
            process.terminate()
            _forget(made)


def _answers(registry: Registry, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            httpx.get(f"http://{registry.host}/v2/")
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the registry did not start")


def _forget(registry: Registry) -> None:
    for image in registry.pushed:
        for name in docker("image", "ls", "--quiet", "--no-trunc", image.partition("@")[0].rpartition(":")[0]).split():
            subprocess.run(["docker", "image", "rm", "--force", name], capture_output=True)


@dataclass
class Yard:
    """Images of one stack, and everything that was said about them."""

    folder: Path
    images: Images
    said: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The label of everything that is built here."""
        return f"fairlead.built={state_label(self.folder.parent / 'state')}"

    @property
    def name(self) -> str:
        """The name of what is built for the service `web`, without its tag."""
        return f"fairlead/yard-{state_label(self.folder.parent / 'state')}-web"

    def declare(self, **stack: Any) -> Stack:
        """Fetch and build for this stack from now on."""
        docker_of_tests = {"images": {"python": base_images.PYTHON}, **stack.pop("docker", {})}
        services = stack.pop("services", {"web": {"command": "sh"}})
        made = Stack.model_validate({"name": "yard", "services": services, "docker": docker_of_tests, **stack})
        self.images.open(made, self.folder)
        return made

    def say(self, level: str, subject: str, text: str) -> None:
        """Hear it."""
        self.said.append((level, subject, text))

    @property
    def output(self) -> str:
        return "\n".join(text for _, _, text in self.said)

    async def ensure(self, version: str = "v1", **spec: Any) -> str:
        """The pinned image of the service `web`."""
        return await self.images.ensure("web", Service.model_validate(spec), version, self.say)


@pytest.fixture
async def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Yard]:
    """A folder, and images that know one secret; what was built is removed in the end."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    folder = tmp_path / "stack"
    folder.mkdir()
    images = Images(tmp_path / "state", {"registry-password": PASSWORD}.__getitem__)
    made = Yard(folder, images)
    made.declare()
    yield made
    await images.close()
    for id in set(docker("image", "ls", "--quiet", "--no-trunc", "--filter", f"label={made.label}").split()):
        docker("image", "rm", "--force", id)
