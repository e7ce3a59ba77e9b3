"""Workflows: what zizmor and GitHub's schema say of them, and what the stack file names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from tests.render.conftest import scene_named

from fairlead.render.checker import judged
from fairlead.render.rendering import rendered
from fairlead.render.target import TARGETS, Scene
from fairlead.render.targets.github_actions.pins import PINS
from fairlead.render.writing import write


def test_no_tool_complains(scene: Scene, tmp_path: Path) -> None:
    """The strictest persona of zizmor, and the schema."""
    write(rendered("github-actions", scene).files, tmp_path)
    for verdict in judged(TARGETS.get("github-actions").checkers, tmp_path):
        assert verdict.findings == ()


def test_the_hub_is_tested_on_its_versions_and_systems() -> None:
    """Three of each."""
    matrix = _workflow("hub", "ci")["jobs"]["test-python"]["strategy"]["matrix"]
    assert matrix["version"] == ["3.11", "3.12", "3.13"]
    assert len(matrix["system"]) == 3


def test_production_waits_for_staging_on_the_same_branch() -> None:
    """And staging goes to its own environment of the repository."""
    jobs = _workflow("marketplace", "deploy")["jobs"]
    assert jobs["deploy-production"]["needs"] == ["images", "verify-staging"]
    assert jobs["deploy-staging"]["environment"] == "staging"


def test_every_action_is_at_a_commit_with_its_version(scene: Scene) -> None:
    """As the table has it."""
    for file in rendered("github-actions", scene).files:
        for line in re.findall(r"uses: (?!\./)(.*)", file.text):
            found = re.fullmatch(r"([\w-]+/[\w-]+)\S*@(\w{40}) # (v[\d.]+)", line)
            assert found, line
            assert (PINS[found[1]].commit, PINS[found[1]].version) == (found[2], found[3])


def _workflow(system: str, name: str) -> dict[str, Any]:
    files = {file.path: file.text for file in rendered("github-actions", scene_named(system)).files}
    found: dict[str, Any] = yaml.safe_load(files[f".github/workflows/{name}.yml"])
    return found
