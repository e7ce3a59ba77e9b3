"""Promises of every registry: what the stack file can name is there, and each plugin is one file of that name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

import fairlead
from fairlead.engine.secrets import SOURCES
from fairlead.engine.stores import STORES
from fairlead.errors import UsageError
from fairlead.kit.registry import Registry
from fairlead.release.strategies import STRATEGIES
from fairlead.stack.model.store import Secret, Store

REGISTRIES: list[Registry[Any]] = [STORES, SOURCES, STRATEGIES]
SOURCE = Path(fairlead.__file__).parent.parent


@pytest.fixture(params=REGISTRIES, ids=lambda registry: registry.kind)
def registry(request: pytest.FixtureRequest) -> Registry[Any]:
    """Each registry."""
    found: Registry[Any] = request.param
    return found


def test_each_plugin_is_one_file_of_its_name(registry: Registry[Any]) -> None:
    folder = SOURCE / registry.package.replace(".", "/")
    missing = [name for name in registry.names() if not (folder / f"{name.replace('-', '_')}.py").exists()]
    assert missing == []


def test_each_file_says_in_its_first_sentence_why_it_exists(registry: Registry[Any]) -> None:
    folder = SOURCE / registry.package.replace(".", "/")
    assert [file.name for file in folder.glob("*.py") if not file.read_text().startswith('"""')] == []


def test_an_unknown_name_is_an_error_and_never_another_plugin(registry: Registry[Any]) -> None:
    name = registry.names()[0]
    with pytest.raises(UsageError, match=f"unknown {registry.kind}: {name}x") as caught:
        registry.get(f"{name}x")
    assert caught.value.hint == f"did you mean `{name}`?"


def test_every_kind_of_store_that_a_stack_file_can_name_is_there() -> None:
    assert sorted(get_args(Store.model_fields["kind"].annotation)) == STORES.names()


def test_every_source_of_a_secret_that_a_stack_file_can_name_is_there() -> None:
    assert [name for name in SOURCES if name not in Secret.model_fields] == []
    assert set(Secret.model_fields) - set(SOURCES) == {"key", "rotate", "description"}
