"""The reference made from the model: whole, with examples that load."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from fairlead.errors import UsageError
from fairlead.kit.yaml import parse
from fairlead.stack import keys
from fairlead.stack.docs import document, pages, reference
from fairlead.stack.model import Stack
from fairlead.stack.model.base import Model
from fairlead.stack.overlay import merged

BASE = {"name": "shop", "services": {"my-name": {"command": "x"}}}


def test_a_page_says_what_a_key_is() -> None:
    """Type in words, default as it is written, description."""
    page = document("services.probes.readiness.every")
    assert page.key == "services.NAME.probes.readiness.every"
    assert page.type == "a duration with a unit, such as `30s`, `5m`, `1h30m` or `250ms`"
    assert page.default == "5s"
    assert page.description.startswith("Time between two probes")
    assert not page.required


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("services.hub.scale.max", "services.NAME.scale.max"),
        ("services.scale.max", "services.NAME.scale.max"),
        ("services.hub.needs.0.name", "services.NAME.needs.name"),
        ("services.hub.ports.http", "services.NAME.ports.NAME"),
        ("services.NAME.expose.host", "services.NAME.expose.host"),
        ("environments.production.services.hub.scale", "environments.NAME.services.NAME.scale"),
        ("services.hub", "services.NAME"),
        ("", ""),
    ],
)
def test_names_of_ones_own_may_be_written_or_left_out(asked: str, key: str) -> None:
    """A key copied from an error message works as it is."""
    assert document(asked).key == key


def test_the_top_lists_every_key() -> None:
    """In the order of the model."""
    assert [name for name, _ in document().children] == list(Stack.model_fields)


@pytest.mark.parametrize(
    ("asked", "hint"), [("services.scale.mx", "did you mean `max`?"), ("servces", "did you mean `services`?")]
)
def test_an_unknown_key_is_a_usage_error_with_a_suggestion(asked: str, hint: str) -> None:
    """Never a nearby page."""
    with pytest.raises(UsageError, match=f"there is no key `{asked}`") as caught:
        document(asked)
    assert caught.value.hint == hint


def test_every_example_loads() -> None:
    """Put into a small stack, each is accepted by the model."""
    for page in pages():
        example = parse(page.example, page.key)
        assert not example.problems, page.key
        Stack.model_validate(merged(BASE, example.data))


def test_every_field_is_documented() -> None:
    """By the docstring beneath it, and each part of the model by its own."""
    for page in pages():
        assert page.description, page.key
        assert all(sentence for _, sentence in page.children), page.key


def test_every_part_of_the_model_is_reached() -> None:
    """No model is left that no key leads to."""
    reached: set[type[BaseModel]] = {Stack}
    for page in pages():
        place = keys.at(tuple(part if part != "NAME" else "x" for part in page.key.split(".")))
        for inside in (place, place.named() if place else None, place.items() if place else None):
            if inside is not None and inside.model is not None:
                reached.add(inside.model)
    documented = "\n".join(page.key for page in pages())
    for part in Model.__subclasses__():
        if part not in reached:
            assert all(name in documented for name in part.model_fields), part


def test_the_reference_names_every_key() -> None:
    """As a heading."""
    text = reference()
    assert all(f"`{page.key}`\n" in text for page in pages())
