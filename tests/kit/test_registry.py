"""A plugin is one file that registers itself; a name nobody registered is an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.errors import UsageError
from fairlead.kit.registry import Registry


@pytest.fixture
def fruits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[str]:
    """A registry over a package of two plugins, each in a file of its own."""
    name = f"fruits_{tmp_path.name.replace('-', '_')}"
    package = tmp_path / name
    package.mkdir()
    (package / "__init__.py").write_text(
        "from fairlead.kit.registry import Registry\n"
        f"FRUITS = Registry(kind='fruit', package='{name}', group='{name}.plugins')\n"
    )
    for fruit in ("apple", "cherry"):
        (package / f"{fruit}.py").write_text(f"from {name} import FRUITS\nFRUITS.register('{fruit}')('a {fruit}')\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry: Registry[str] = __import__(name).FRUITS
    return registry


def offer(folder: Path, group: str, lines: str) -> None:
    """What pip leaves behind for a distribution with entry points."""
    (folder / "orchard-1.dist-info").mkdir()
    (folder / "orchard-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: orchard\nVersion: 1\n")
    (folder / "orchard-1.dist-info" / "entry_points.txt").write_text(f"[{group}]\n{lines}\n")


def test_a_plugin_is_found_by_its_file_being_there(fruits: Registry[str]) -> None:
    assert fruits.names() == ["apple", "cherry"]
    assert fruits.get("cherry") == "a cherry"


def test_a_new_file_is_all_that_a_new_plugin_takes(fruits: Registry[str], tmp_path: Path) -> None:
    (tmp_path / fruits.package / "fig.py").write_text(
        f"from {fruits.package} import FRUITS\nFRUITS.register('fig')('a fig')\n"
    )
    assert fruits.get("fig") == "a fig"


def test_nothing_is_imported_before_it_is_asked_for(fruits: Registry[str]) -> None:
    assert f"{fruits.package}.apple" not in sys.modules
    assert "apple" in fruits
    assert f"{fruits.package}.apple" in sys.modules


def test_an_unknown_name_is_an_error_with_a_suggestion(fruits: Registry[str]) -> None:
    with pytest.raises(UsageError, match="unknown fruit: cherri") as caught:
        fruits.get("cherri")
    assert caught.value.hint == "did you mean `cherry`?"


def test_a_name_can_be_taken_only_once(fruits: Registry[str]) -> None:
    fruits.names()
    with pytest.raises(ValueError, match="two fruit plugins are called `apple`"):
        fruits.register("apple")("another")


def test_an_entry_point_of_another_distribution_joins_in(fruits: Registry[str], tmp_path: Path) -> None:
    (tmp_path / "orchard_module.py").write_text("plum = 'a plum'\n")
    offer(tmp_path, fruits.group, "plum = orchard_module:plum")
    assert fruits.names() == ["apple", "cherry", "plum"]
    assert fruits.get("plum") == "a plum"


def test_a_broken_plugin_of_another_distribution_hurts_only_who_asks_for_it(
    fruits: Registry[str], tmp_path: Path
) -> None:
    offer(tmp_path, fruits.group, "plum = no_such_module:plum")
    assert fruits.get("apple") == "a apple"
    with pytest.raises(UsageError, match="fruit `plum` of the package orchard can't be loaded: ModuleNotFoundError"):
        fruits.get("plum")


def test_another_distribution_can_not_take_a_name_of_ours(fruits: Registry[str], tmp_path: Path) -> None:
    offer(tmp_path, fruits.group, "apple = no_such_module:apple")
    with pytest.raises(UsageError, match="two fruit plugins are called `apple`; one comes from the package orchard"):
        fruits.names()


def test_importing_the_registry_does_not_import_the_slow_parts() -> None:
    code = "import sys, fairlead.kit.registry; print('importlib.metadata' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "False\n"
