"""The promise of every target: change any key of a stack, and its output changes, or it names the key as left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from tests.render.every_key import ONE_VALUE, Leaf, around, leaves, values
from tests.render.every_stack import CHANGES, changed, places, scene, stacks

from fairlead.kit.yaml import KeyPath
from fairlead.render.leaves import matches
from fairlead.render.parts import dumping
from fairlead.render.rendering import rendered
from fairlead.render.target import TARGETS, File, Scene

LEAVES = tuple(leaf for leaf in leaves() if leaf.dotted not in ONE_VALUE)
CHANGED, NAMED, BOTH, SILENT, UNTRIED = "changed", "named", "both", "silent", "untried"


@pytest.fixture
def _as_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are written by a few lines of our own: writing real YAML takes ten times as long as making it."""
    monkeypatch.setattr(dumping, "dumped", lambda documents: "\n".join(_lines(list(documents), "")) + "\n")


@pytest.mark.parametrize("target", TARGETS.names())
@pytest.mark.usefixtures("_as_data")
@pytest.mark.timeout(300)
def test_a_key_changes_the_output_or_is_named_as_left_out(target: str) -> None:
    """Each of them, in at least one stack. What is named as left out while it is not is no better than silence."""
    found = {leaf.dotted: tried(target, leaf) for leaf in LEAVES}
    assert [key for key, came in found.items() if came == SILENT] == []
    assert [key for key, came in found.items() if came == BOTH] == []


@pytest.mark.parametrize("target", TARGETS.names())
def test_the_same_stack_gives_the_same_bytes(target: str) -> None:
    """However often, and no file twice."""
    for variant in CHANGES:
        assert rendered(target, scene(variant)) == rendered(target, scene(variant))


def test_every_key_has_two_values_that_a_stack_can_have() -> None:
    """Or nothing would be tried."""
    assert [leaf.dotted for leaf in LEAVES if not _has_two(leaf)] == []


def _lines(value: Any, indent: str) -> Iterator[str]:
    pairs = value.items() if isinstance(value, dict) else (("- ", item) for item in value)
    for key, inner in pairs:
        name = key if key == "- " else f"{key}: "
        if isinstance(inner, dict | list) and inner:
            yield f"{indent}{name}"
            yield from _lines(inner, f"{indent}  ")
        else:
            yield f"{indent}{name}{inner}"


def tried(target: str, leaf: Leaf) -> str:
    """What comes of other values of a key: the first place where the output changes decides."""
    came = UNTRIED
    for variant in CHANGES:
        for path, scenes in _trials(leaf, variant):
            found = _tried(target, path, scenes)
            if found in (CHANGED, BOTH):
                return found
            came = found if came != NAMED else came
            if found == NAMED:
                break  # the other places of this stack are named by the same words
    return came


def _tried(target: str, path: KeyPath, scenes: Iterator[Scene]) -> str:
    outputs: dict[tuple[File, ...], bool] = {}
    for one in scenes:
        given = rendered(target, one)
        named = any(matches(left.pattern, path) for left in given.unsupported)
        fresh = given.files not in outputs
        outputs[given.files] = named or outputs.get(given.files, False)
        if len(outputs) > 1:
            return BOTH if all(outputs.values()) else CHANGED
        if not fresh and named:
            return NAMED  # two values, and the output is the same
    return UNTRIED if not outputs else NAMED if any(outputs.values()) else SILENT


def _trials(leaf: Leaf, variant: str) -> Iterator[tuple[KeyPath, Iterator[Scene]]]:
    """The places of a key in a stack, with the scenes of its values."""
    ground = yaml.safe_dump(around(leaf))
    texts = [yaml.safe_dump(value) for value in values(leaf)]
    for path in places(leaf.path, stacks()[variant]):
        found = (changed(variant, path, text, ground) for text in texts)
        yield path, (one for one in found if one is not None)


def _has_two(leaf: Leaf) -> bool:
    every = (list(scenes) for variant in CHANGES for _, scenes in _trials(leaf, variant))
    return any(len(scenes) > 1 for scenes in every)
