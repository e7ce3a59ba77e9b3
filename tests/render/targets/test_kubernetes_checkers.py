"""The real tools on all that is rendered for a cluster: nothing to complain of."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.render.conftest import SYSTEMS, scene_named
from tests.render.judging import findings

from fairlead.render.rendering import rendered
from fairlead.render.writing import write

MISTAKES = {
    "kubernetes-validate": ("terminationGrace", "termination"),
    "kubectl-kustomize": ("kind: Deployment", "kind: [Deployment"),
    "checkov-kubernetes": ("privileged: false", "privileged: true"),
}


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.timeout(240)
def test_a_tool_complains_of_mistakes_and_of_nothing_else(name: str, tmp_path: Path) -> None:
    """Of none of the five systems in production, at once; `make render-check` looks at every environment."""
    for system in SYSTEMS:
        write(rendered("kubernetes", scene_named(system, "production")).files, tmp_path / system)
    write(rendered("kubernetes", scene_named("exploration", "production")).files, tmp_path / "wrong")
    for file in (tmp_path / "wrong").rglob("workloads.yaml"):
        file.write_text(file.read_text().replace(*MISTAKES[name]))
    found = findings([name], tmp_path)
    assert [one for one in found if not one.startswith(f"{name}: wrong")] == []
    assert found
