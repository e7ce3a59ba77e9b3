"""What the house style promises about the code as a whole, and import-linter's contracts."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
"""Lines."""

SOURCES = sorted(path for folder in ("src", "tests", "tools", "examples") for path in (ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_file_is_longer_than_a_person_reads(path: Path) -> None:
    """A file over the limit holds more than one concept."""
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", sorted((ROOT / "src").rglob("*.py")), ids=named)
def test_every_module_says_why_it_exists(path: Path) -> None:
    """The first thing in a module is its docstring."""
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", sorted((ROOT / "src").rglob("*.py")), ids=named)
def test_no_class_is_named_after_nothing(path: Path) -> None:
    """Names are the trade's nouns."""
    classes = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    assert not [name for name in classes if re.fullmatch(r"\w+(Manager|Helper|Utils?|Factory)", name)]


def test_imports_go_down_only() -> None:
    """import-linter's contracts in pyproject.toml hold."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)
    assert result.returncode == 0, result.stdout


def test_the_floor_of_each_dependency_is_the_one_that_is_tested() -> None:
    """constraints/floor.txt is made from pyproject.toml."""
    check = [sys.executable, str(ROOT / "tools" / "floor.py"), "--check"]
    result = subprocess.run(check, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 0, result.stderr
