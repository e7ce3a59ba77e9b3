"""Promises of every source of secrets: what is missing says why and how to set it, and nothing shows a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.engine.secrets import FILE, SOURCES, set_secret
from fairlead.engine.secrets.source import Missing, Place, Source
from fairlead.engine.secrets.value import Secret
from fairlead.stack.model.store import Secret as Spec

VALUE = "swordfish-" + "4711"
SPECS = {
    "env": Spec(env="TOKEN"),
    "file": Spec(file=".env"),
    "encrypted": Spec(encrypted=True),
    "manager": Spec(manager="town/token"),
}
OUT_OF_REACH = {"manager"}


@pytest.fixture(params=SOURCES.names())
def name(request: pytest.FixtureRequest) -> str:
    """The name of each source."""
    return str(request.param)


@pytest.fixture
def source(name: str) -> Source:
    """Each source."""
    return SOURCES.get(name)()


@pytest.fixture
def full(tmp_path: Path) -> Place:
    """A place where every source that can be reached holds the value."""
    environ = {"HOME": str(tmp_path / "home"), "TOKEN": VALUE}
    (tmp_path / ".env").write_text(f"token={VALUE}\n")
    set_secret(tmp_path / FILE, "token", VALUE, environ=environ, now=0)
    return Place(tmp_path, environ)


def test_it_finds_the_value(name: str, source: Source, full: Place) -> None:
    found = source.look({"token": SPECS[name]}, full)["token"]
    assert found == Secret(VALUE) or name in OUT_OF_REACH


def test_a_missing_one_says_why_and_how_to_set_it(name: str, source: Source, tmp_path: Path) -> None:
    found = source.look({"token": SPECS[name]}, Place(tmp_path, {}))["token"]
    assert isinstance(found, Missing)
    assert found.why
    assert found.hint


def test_what_is_known_without_opening_agrees_with_what_is_found(name: str, source: Source, full: Place) -> None:
    known = source.known({"token": SPECS[name]}, full)["token"]
    assert known.present == (name not in OUT_OF_REACH)
    assert (known.problem is None) == known.present


def test_each_asked_for_gets_an_answer(name: str, source: Source, full: Place) -> None:
    asked = {"token": SPECS[name], "other": SPECS[name].model_copy(update={"key": "elsewhere"})}
    assert source.look(asked, full).keys() == source.known(asked, full).keys() == asked.keys()


def test_nothing_shows_the_value(name: str, source: Source, full: Place) -> None:
    asked = {"token": SPECS[name]}
    assert VALUE not in repr(
        [source.look(asked, full), source.known(asked, full), source.where("token", asked["token"])]
    )


def test_the_place_is_given_in_words(name: str, source: Source) -> None:
    assert source.where("token", SPECS[name])
