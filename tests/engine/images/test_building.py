"""Images that are built on a real engine, by each builder that is here."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from typing import Any

import pytest
from tests import images as base_images
from tests.engine.images.conftest import Yard, docker

from fairlead.engine.images import build as building
from fairlead.engine.journal.records import Version
from fairlead.errors import ReleaseError
from fairlead.stack.model.service import Service

pytestmark = [pytest.mark.needs_docker, pytest.mark.timeout(180)]

APP = "import os, sys\nprint(os.getuid(), sys.argv[1:], os.listdir('.'))\n"


@pytest.fixture(params=["engine", "buildkit"])
def builder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The engine's own builder, and BuildKit where this machine has it."""
    base_images.python_image()
    if request.param == "engine":
        monkeypatch.setattr(building, "buildkit", _none)
    elif not _has_buildkit(monkeypatch):
        pytest.skip("no Docker client here has BuildKit")
    return str(request.param)


async def _none() -> None:
    return None


def _has_buildkit(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Look for a client that has it: the first one on the PATH may not."""
    for folder in os.environ["PATH"].split(":"):
        if shutil.which("docker", path=folder):
            monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
            if asyncio.run(building.buildkit()):
                return True
    return False


def inspected(image: str) -> dict[str, Any]:
    """What the engine says of an image."""
    found: dict[str, Any] = json.loads(docker("image", "inspect", image))[0]
    return found


def declare(yard: Yard, **spec: Any) -> dict[str, Any]:
    """The service `web` in the directory `web`, with a program."""
    (yard.folder / "web").mkdir(exist_ok=True)
    (yard.folder / "web" / "app.py").write_text(APP)
    service = {"directory": "web", "command": "python3 app.py one", "ports": {"http": 8080}, **spec}
    yard.declare(runtime="docker", services={"web": service})
    return service


async def test_a_plain_command_becomes_an_image_that_runs_it(yard: Yard, builder: str) -> None:
    """As an ordinary user, with the label and the tag that tell what it is."""
    image = await yard.ensure(**declare(yard))
    found = inspected(image)
    assert found["RepoTags"] == [f"{yard.name}:v1"]
    assert found["Config"]["User"] == "1001:1001"
    assert found["Config"]["Labels"]["org.opencontainers.image.version"] == "v1"
    assert docker("run", "--rm", "--read-only", "--cap-drop", "ALL", image) == "1001 ['one'] ['app.py']"


async def test_a_dockerfile_is_built_with_its_target_and_arguments(yard: Yard, builder: str) -> None:
    """The output is said line by line while it goes on."""
    service = declare(
        yard, build={"context": "web", "target": "one", "args": {"GREETING": "good-morning"}}, command="b c"
    )
    (yard.folder / "web" / "Dockerfile").write_text(
        f"FROM {base_images.PYTHON} AS one\nARG GREETING\nRUN echo says $GREETING\n"
        'ENTRYPOINT ["python3", "-c", "import sys; print(sys.argv[1:])"]\n'
        f"FROM {base_images.PYTHON} AS two\nLABEL {yard.label}\n"
    )
    image = await yard.ensure(**service)
    assert docker("run", "--rm", image) == "['b', 'c']"
    assert "says good-morning" in yard.output
    assert {level for level, _, text in yard.said if "good-morning" in text} == {"output"}


async def test_a_build_that_fails_ends_with_its_last_lines(yard: Yard, builder: str) -> None:
    """And leaves no image of that name."""
    service = declare(yard, build="web")
    (yard.folder / "web" / "Dockerfile").write_text(
        f"FROM {base_images.PYTHON}\nRUN echo it is the {builder} && exit 7\n"
    )
    with pytest.raises(ReleaseError, match=rf"(?s)web: the image can't be built:.*it is the {builder}"):
        await yard.ensure(**service)
    assert not docker("image", "ls", "--quiet", yard.name)


async def test_an_image_goes_with_the_last_version_that_runs_it(yard: Yard, builder: str) -> None:
    """One that a container runs stays."""
    service = declare(yard)
    spec = Service.model_validate(service)
    image = await yard.ensure("v1", **service)
    one, two = (Version("web", name, "digest", spec, None, 0.0, image) for name in ("v1", "v2"))
    await yard.images.keep(two)
    await yard.images.forget(one, [two])
    assert inspected(image)["RepoTags"] == [f"{yard.name}:v2"]
    container = docker("run", "--detach", image, "sleep", "60")
    try:
        await yard.images.forget(two, [])
        assert inspected(image)
    finally:
        docker("rm", "--force", container)
    await yard.images.forget(two, [])
    assert not docker("image", "ls", "--quiet", yard.name)


async def test_an_image_that_has_no_digest_is_kept_by_a_name_of_ours(yard: Yard) -> None:
    """Else it is cleared away as unused as soon as its tag has moved."""
    own = base_images.python_image()
    image = await yard.ensure("v1", image=own)
    version = Version("web", "v1", "digest", Service.model_validate({"image": own}), None, 0.0, image)
    await yard.images.keep(version)
    assert f"{yard.name}:v1" in inspected(image)["RepoTags"]
    await yard.images.forget(version, [])
    assert f"{yard.name}:v1" not in inspected(image)["RepoTags"]
    assert own in inspected(image)["RepoTags"]


async def test_a_version_whose_image_is_gone_is_refused_in_words(yard: Yard, builder: str) -> None:
    """Before anything of a release begins."""
    service = declare(yard)
    version = Version("web", "v1", "digest", Service.model_validate(service), None, 0.0, await yard.ensure(**service))
    await yard.images.check(version, yard.say)
    await yard.images.forget(version, [])
    with pytest.raises(ReleaseError, match=r"web v1: its image sha256:[0-9a-f]+ is no longer on this machine"):
        await yard.images.check(version, yard.say)
