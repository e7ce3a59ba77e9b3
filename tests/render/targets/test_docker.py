"""Dockerfiles and the bake file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.render.conftest import scene_named
from tests.render.judging import findings

from fairlead import __version__
from fairlead.dockerfile import Listing
from fairlead.render.rendering import Rendered, rendered
from fairlead.render.target import Scene
from fairlead.render.writing import write
from fairlead.stack.model import Stack

PYPROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["httpx"]\n[build-system]\nrequires = ["hatchling"]\n'
PACKAGE = json.dumps({"scripts": {"build": "tsc", "test": "node --test"}, "main": "server.js"})
LISTINGS = {
    "uv": Listing(frozenset({"pyproject.toml", "uv.lock", "main.py"}), {"pyproject.toml": PYPROJECT}),
    "pip": Listing(frozenset({"requirements.txt", "main.py"})),
    "node": Listing(frozenset({"package.json", "package-lock.json"}), {"package.json": PACKAGE}),
    "go": Listing(frozenset({"go.mod", "go.sum", "main.go"}), {"go.mod": "module x\n\ngo 1.25\n"}),
    "rust": Listing(frozenset({"Cargo.toml", "Cargo.lock", "src/main.rs"}), {"Cargo.toml": '[package]\nname = "x"\n'}),
    "static": Listing(frozenset({"index.html"})),
}
COMMANDS = {"uv": "uv run python main.py", "pip": "python main.py", "node": "node server.js"}


@pytest.mark.parametrize("checker", ["hadolint", "checkov-dockerfile"])
@pytest.mark.timeout(240)
def test_every_image_is_without_a_finding(checker: str, tmp_path: Path) -> None:
    """Of every language, and of Fairlead itself."""
    write(_polyglot().files, tmp_path)
    assert findings([checker], tmp_path) == []
    assert len(list(tmp_path.rglob("Dockerfile"))) == len(LISTINGS) + 1


@pytest.mark.parametrize("language", ["uv", "pip", "node"])
def test_an_image_has_a_stage_for_each_purpose(language: str) -> None:
    """Builder, development, test and production, the last of which is not root and asks itself how it does."""
    text = _text(_polyglot(), f"{language}/Dockerfile")
    stages = [line.rpartition(" ")[2] for line in text.splitlines() if line.startswith("FROM ")]
    assert stages == ["builder", "development", "test", "production"]
    _, _, last = text.partition(" AS production")
    assert "USER 1001:1001" in last
    assert "HEALTHCHECK" in last
    assert "org.opencontainers.image.version" in last
    assert "# syntax=" not in text


def test_the_apps_of_a_stack_share_the_image_of_the_published_package() -> None:
    """Pinned to this version, and built in stages like the others."""
    found = rendered("docker", scene_named("marketplace"))
    assert [file.path for file in found.files] == [
        "docker-bake.json", "fairlead/Dockerfile", "fairlead/Dockerfile.dockerignore",
    ]  # fmt: skip
    text = _text(found, "fairlead/Dockerfile")
    assert f"ARG FAIRLEAD={__version__}" in text
    assert [name for name in ("builder", "development", "test", "production") if f" AS {name}\n" not in text] == []


def test_a_base_image_has_the_digest_that_is_given() -> None:
    """In every stage that begins with it."""
    digest = f"python@sha256:{'0' * 64}"
    scene = replace(_scene(), images={"python": digest})
    assert _text(rendered("docker", scene), "pip/Dockerfile").count(f"FROM {digest} ") == 2


def test_a_directory_with_a_dockerfile_of_its_own_keeps_it() -> None:
    """The bake file takes it, and builds it for both architectures of the service."""
    stack = {
        "name": "town",
        "services": {"api": {"build": "./api", "placement": {"architectures": ["amd64", "arm64"]}}},
    }
    scene = Scene(Stack.model_validate(stack), listings={"api": Listing(frozenset({"Dockerfile"}))})
    found = rendered("docker", scene)
    assert [file.path for file in found.files] == ["docker-bake.json"]
    target = json.loads(_text(found, "docker-bake.json"))["target"]["api"]
    assert (target["context"], target["dockerfile"]) == ("api", "Dockerfile")
    assert target["platforms"] == ["linux/amd64", "linux/arm64"]
    assert target["tags"] == ["town-api:${VERSION}"]


def test_what_is_in_no_language_is_named() -> None:
    """And left to the Dockerfile that will be there."""
    scene = Scene(Stack.model_validate({"name": "town", "services": {"api": {"build": "./api"}}}))
    assert [left.pattern for left in rendered("docker", scene).unsupported] == ["services.api"]


def test_no_system_has_a_finding(scene: Scene, tmp_path: Path) -> None:
    """Of the five."""
    write(rendered("docker", scene).files, tmp_path)
    assert findings(["hadolint"], tmp_path) == []


def _polyglot() -> Rendered:
    return rendered("docker", _scene())


def _scene() -> Scene:
    services: dict[str, Any] = {
        name: {
            "build": {"context": f"./{name}"},
            "description": f"In {name}",
            "ports": {"http": 8080},
            "probes": {"readiness": {"http": "/ready"}},
            **({"command": COMMANDS[name]} if name in COMMANDS else {}),
        }
        for name in LISTINGS
    }
    services["hub"] = {"uses": "hub"}
    return Scene(Stack.model_validate({"name": "town", "services": services}), listings=LISTINGS)


def _text(found: Rendered, path: str) -> str:
    return next(file.text for file in found.files if file.path == path)
