"""What runs is the image that was released: whatever becomes of tags and files, and never one that can't be had."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from bench.load.process import Load
from bench.town import Town
from tests import images
from tests.stories.services import Spec, web

from fairlead.engine.images.local import OURS
from fairlead.engine.runtimes.docker.labels import state_label

pytestmark = [pytest.mark.only_on("docker"), pytest.mark.timeout(180)]

NAME = "fairlead-story/web"
MADE: set[str] = set()


def docker(*words: str) -> str:
    """What the Docker client answers."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.strip()


def made(town: Town, tag: str, word: str) -> str:
    """An image with the program of the stories in it, as somebody else would make it."""
    text = f"FROM {images.DEBIAN}\nWORKDIR /srv\nCOPY . .\nENV WORD={word}\n"
    text += 'ENTRYPOINT ["python3", "-S", "-u"]\nCMD ["web.py"]\n'
    (town.folder / "Dockerfile").write_text(text)
    image = f"{NAME}:{tag}"
    docker("build", "--quiet", "--tag", image, "--file", str(town.folder / "Dockerfile"), str(town.folder / "web"))
    MADE.add(docker("image", "inspect", "--format", "{{ .Id }}", image))
    return image


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """Take away what was made, when the town is gone."""
    yield
    while MADE:
        docker("image", "rm", "--force", MADE.pop())


def fetched(image: str) -> Spec:
    """A service of an image, which brings its own command."""
    found = web()
    del found["directory"], found["command"]
    return {**found, "image": image}


def word(town: Town) -> str:
    """What the program was made with."""
    return town.get("/web/").text.split()[-1]


def test_a_tag_that_moves_is_a_new_version_and_the_old_image_comes_back(town: Town) -> None:
    """The file says the same all along; each version is what its tag named when it was released."""
    image = made(town, "1", "first")
    town.declare({"web": fetched(image)})
    town.up()
    assert "nothing to release" in town.fairlead("deploy", "web").text
    with Load(town.url, plain=["/web/"], rate=40.0) as load:
        made(town, "1", "second")
        town.fairlead("deploy", "web")
        assert word(town) == "second"
        town.fairlead("rollback", "web")
        assert word(town) == "first"
    assert load.result.failed + load.result.cut == 0, load.result.why
    assert [one["to"] for one in town.releases("web")] == ["v1", "v2", "v1"]


def test_an_image_that_can_not_be_had_changes_nothing(town: Town) -> None:
    """The error says which one, and the old version goes on."""
    town.declare({"web": fetched(made(town, "1", "first"))})
    town.up()
    town.declare({"web": fetched(f"127.0.0.1:1/{NAME}:2")})
    said = town.fairlead("deploy", "web", fails=True)
    assert f"127.0.0.1:1/{NAME}:2 can't be fetched" in said.err
    assert town.shares("web") == {"v1": 100.0}
    assert len(town.releases("web")) == 1


def test_a_build_that_fails_changes_nothing(town: Town) -> None:
    """Its last lines are in the error."""
    town.declare({"web": web()})
    town.up()
    (town.folder / "web" / "Dockerfile").write_text(f"FROM {images.PYTHON}\nRUN echo no such && exit 3\n")
    said = town.fairlead("deploy", "web", fails=True)
    assert "web: the image can't be built" in said.err
    assert "no such" in said.err
    assert town.shares("web") == {"v1": 100.0}
    assert len(town.releases("web")) == 1


def test_an_image_that_is_gone_is_told_before_anything_is_taken_back(town: Town) -> None:
    """Somebody has removed what was built."""
    town.declare({"web": web()})
    town.up()
    town.fairlead("deploy", "web", "--set", "environment.WORD=new")
    docker("image", "rm", "--force", town_image(town, "v1"))
    said = town.fairlead("rollback", "web", fails=True)
    assert "web v1: its image" in said.err
    assert "no longer on this machine" in said.err
    assert town.shares("web") == {"v2": 100.0}


def test_images_of_versions_that_are_forgotten_go_with_them(town: Town) -> None:
    """Those of versions that can be taken back to stay."""
    town.declare({"web": web(release={"keep_versions": 2})})
    town.up()
    for number in range(3):
        (town.folder / "web" / "word.txt").write_text(str(number))
        town.fairlead("deploy", "web")
    kept = docker("image", "ls", "--format", "{{ .Tag }}", "--filter", f"label={label(town)}")
    assert sorted(kept.split()) == ["v3", "v4"]


def label(town: Town) -> str:
    """That of everything built for a town."""
    return f"{OURS}={state_label(town.state)}"


def town_image(town: Town, version: str) -> str:
    """The id of the image that was built for a version."""
    return docker("image", "ls", "--quiet", "--no-trunc", "--filter", f"label={label(town)}",
                  "--filter", f"label=org.opencontainers.image.version={version}")  # fmt: skip
