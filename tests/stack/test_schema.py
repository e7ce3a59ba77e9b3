"""The JSON Schema that editors use: valid itself, and of one mind with the loader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from fairlead.kit import yaml
from fairlead.stack.docs import pages
from fairlead.stack.load import check_all
from fairlead.stack.overlay import merged
from fairlead.stack.schema import json_schema

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/fairlead.yaml"))
WRONG = sorted((Path(__file__).parent / "wrong").glob("*.yaml"))
WEB: dict[str, Any] = {"command": "x"}


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema())


def accepts(validator: jsonschema.Draft202012Validator, **keys: Any) -> bool:
    return bool(validator.is_valid({"name": "shop", "services": {"web": WEB}, **keys}))


def service(**keys: Any) -> dict[str, Any]:
    return {"web": {**WEB, **keys}}


def test_it_is_a_valid_schema_of_draft_2020_12() -> None:
    """With an identifier, and every reference leading somewhere."""
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"]
    assert schema["properties"]["services"]["description"]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_the_examples_are_valid(file: Path, validator: jsonschema.Draft202012Validator) -> None:
    """Shorthands, anchors and overlays included."""
    assert [error.message for error in validator.iter_errors(yaml.read(file).data)] == []


def test_the_examples_of_the_reference_are_valid(validator: jsonschema.Draft202012Validator) -> None:
    """What `fairlead docs` shows, an editor accepts."""
    base = {"name": "shop", "services": {"my-name": {"command": "x"}}}
    for page in pages():
        assert validator.is_valid(merged(base, yaml.parse(page.example, page.key).data)), page.key


def test_short_forms_are_accepted(validator: jsonschema.Draft202012Validator) -> None:
    """As the loader does."""
    short = service(scale=3, ports={"http": 80}, needs=["db"], build=".", probes={"readiness": {"http": "/health"}})
    assert accepts(validator, services=short, stores={"db": {"kind": "postgres", "version": 16}})


def test_a_variable_may_stand_for_any_value(validator: jsonschema.Draft202012Validator) -> None:
    """Numbers, durations, choices, booleans."""
    filled = service(scale="${N}", ports={"http": "${P:-80}"}, stop={"grace": "${G}"}, hardening={"jit": "${J}"})
    assert accepts(validator, services=filled, router={"http": "${HTTP:?port}"})
    assert accepts(validator, services=service(release={"strategy": "${S}"}))


def test_an_overlay_is_a_partial_stack(validator: jsonschema.Draft202012Validator) -> None:
    """Nothing is required there, null takes a key out, and an unknown key is still wrong."""
    assert accepts(validator, environments={"p": {"services": {"web": {"scale": {"min": 3}, "command": None}}}})
    assert accepts(validator, environments={"p": {"stores": {"db": {"size": "5Gi"}}, "cloud": None}, "q": {}})
    assert not accepts(validator, environments={"p": {"services": {"web": {"scal": 3}}}})


@pytest.mark.parametrize(
    "keys",
    [
        {"servces": {}},
        {"services": service(scale={"min": "three"})},
        {"services": service(stop={"grace": "10 seconds"})},
        {"services": service(release={"strategy": "bluegreen"})},
        {"services": {"Web_1": WEB}},
        {"stores": {"db": {"version": 16}}},
        {"services": service(environment={"A B": "x"})},
    ],
    ids=str,
)
def test_what_the_loader_refuses_an_editor_marks(
    keys: dict[str, Any], validator: jsonschema.Draft202012Validator
) -> None:
    """Unknown keys, wrong forms, names, what is missing."""
    assert not accepts(validator, **keys)


@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_what_an_editor_marks_the_loader_refuses(file: Path, validator: jsonschema.Draft202012Validator) -> None:
    """The schema is never stricter than the loader."""
    data = yaml.read(file).data
    if data is not None and not validator.is_valid(data):
        assert check_all(file, {"NUMBER": "x"}).problems
