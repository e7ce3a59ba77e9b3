"""The real tools on all that is rendered for a cluster: nothing to complain of."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.render.conftest import SYSTEMS, scene_named

from fairlead.render.checker import CHECKERS, Missing
from fairlead.render.rendering import rendered
from fairlead.render.writing import write


@pytest.mark.parametrize("name", ["kubernetes-validate", "kubectl-kustomize", "checkov-kubernetes"])
@pytest.mark.timeout(240)
def test_a_tool_has_nothing_to_complain_of(name: str, tmp_path: Path) -> None:
    """Of the five systems in production, at once; `fairlead render --check` looks at every environment."""
    checker = CHECKERS.get(name)
    try:
        checker.version()
    except Missing as error:
        pytest.skip(str(error))
    for system in SYSTEMS:
        write(rendered("kubernetes", scene_named(system, "production")).files, tmp_path / system)
    assert [str(finding) for finding in checker.check(tmp_path)] == []


@pytest.mark.parametrize("name", ["kubernetes-validate", "kubectl-kustomize", "checkov-kubernetes"])
@pytest.mark.timeout(120)
def test_a_tool_sees_a_mistake(name: str, tmp_path: Path) -> None:
    """Or its silence would be worth nothing."""
    checker = CHECKERS.get(name)
    try:
        checker.version()
    except Missing as error:
        pytest.skip(str(error))
    write(rendered("kubernetes", scene_named("exploration", "production")).files, tmp_path)
    file = next(tmp_path.rglob("workloads.yaml"))
    text = file.read_text().replace("privileged: false", "privileged: true").replace("terminationGrace", "termination")
    file.write_text(text if name != "kubectl-kustomize" else text.replace("kind: Deployment", "kind: [Deployment"))
    assert list(checker.check(tmp_path))
