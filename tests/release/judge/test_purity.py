"""The judge is a function of what it is given: it imports nothing that could tell the time, draw lots or talk."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from fairlead.release import judge

ALLOWED = {"__future__", "collections.abc", "dataclasses", "functools", "math", "typing"}
MODULES = sorted(Path(judge.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_judge_imports_only_arithmetic_and_itself(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name for name in imported if not name.startswith(judge.__name__)} <= ALLOWED
