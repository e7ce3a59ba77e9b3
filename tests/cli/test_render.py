"""`fairlead render` as a person calls it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.render.checker import CHECKERS, Checker, Finding, Missing
from fairlead.render.target import TARGETS

from .conftest import Fairlead


def test_the_list_names_every_target(fairlead: Fairlead) -> None:
    """With what it is, without a stack file being read."""
    told = fairlead("render", "--list")
    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines()] == TARGETS.names()


def test_a_target_is_written_beside_the_stack_file(fairlead: Fairlead, folder: Path) -> None:
    """And the second time nothing changes; what is left out is told once for each reason."""
    first = fairlead("render", "kubernetes")
    assert first.code == 0
    assert (folder / "rendered/kubernetes/base/kustomization.yaml").exists()
    again = fairlead("render", "kubernetes")
    assert "as they were" in again.out
    notes = [line.rpartition(": ")[2] for line in again.out.splitlines() if line.startswith("note: ")]
    assert len(notes) == len(set(notes))


def test_a_difference_is_shown_and_told_by_the_exit_code(fairlead: Fairlead, folder: Path) -> None:
    """Nothing is written."""
    fairlead("render", "kubernetes", "--out", "k8s")
    assert fairlead("render", "kubernetes", "--diff", "k8s").code == 0
    file = folder / "k8s/base/services.yaml"
    file.write_text(file.read_text().replace("8000", "8001"))
    told = fairlead("render", "kubernetes", "--diff", "k8s")
    assert told.code == 1
    assert "+    port: 8000" in told.out
    assert "8001" in file.read_text()


def test_an_unknown_target_is_an_error_with_a_suggestion(fairlead: Fairlead) -> None:
    """Never another one."""
    told = fairlead("render", "kubernets")
    assert told.code == 2
    assert "kubernetes" in told.err


def test_no_target_is_an_error_that_says_how_to_find_one(fairlead: Fairlead) -> None:
    """`all` is every one."""
    told = fairlead("render")
    assert told.code == 2
    assert "--list" in told.err


def test_two_targets_are_not_compared_with_one_folder(fairlead: Fairlead) -> None:
    """Which one would it be?"""
    assert fairlead("render", "kubernetes", "helm", "--diff", "k8s").code == 2


def test_a_file_of_somebody_else_is_not_overwritten(fairlead: Fairlead, folder: Path) -> None:
    """And the error names it."""
    (folder / "k8s/base").mkdir(parents=True)
    (folder / "k8s/base/services.yaml").write_text("mine")
    told = fairlead("render", "kubernetes", "--out", "k8s")
    assert told.code != 0
    assert "services.yaml" in told.err
    assert (folder / "k8s/base/services.yaml").read_text() == "mine"


def test_a_missing_tool_is_skipped_aloud_and_a_finding_fails(
    fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A skip is no pass: it says how to get the tool."""

    def missing() -> str:
        raise Missing("it is not on this machine: get it")

    wrong = Checker("complains", lambda: "1.0", lambda _: [Finding("base/services.yaml", "is wrong", 3)])
    tools = {"kubernetes-validate": Checker("is missing", missing, lambda _: []), "kubectl-kustomize": wrong}
    monkeypatch.setattr(CHECKERS, "get", lambda name: tools.get(name, tools["kubernetes-validate"]))
    told = fairlead("render", "kubernetes", "--check")
    assert told.code == 1
    assert "skipped: kubernetes-validate: it is not on this machine: get it" in told.out
    assert "kubectl-kustomize: base/services.yaml:3: is wrong" in told.out
    assert "kubectl-kustomize 1.0: 1 findings" in told.out
