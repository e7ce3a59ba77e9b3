"""Where the configuration is read, and how its problems are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fairlead.apps.hub import checking, complaints
from fairlead.apps.hub.config import Config
from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.routes.compiling import Misconfigured

SAID = {"open": True, "models": {"assistant": "echo/echo"}}


def test_the_variable_is_a_file_or_the_text_itself(tmp_path: Path) -> None:
    """JSON or YAML, by a stack or by hand; a file that is named goes before."""
    (tmp_path / "v1.json").write_text(json.dumps(SAID))
    (tmp_path / "hub.yaml").write_text("open: false\n")
    by_name = Source(environ={VARIABLE: str(tmp_path / "v1.json")})
    by_text = Source(environ={VARIABLE: json.dumps(SAID)})
    assert by_name.read() == by_text.read() == Config.model_validate(SAID)
    assert (by_name.stamp() is None, by_text.stamp() is None) == (False, True)
    assert not Source(tmp_path / "hub.yaml", {VARIABLE: json.dumps(SAID)}).read().open
    assert Source(environ={VARIABLE: " "}).read() == Config()


def test_a_file_that_changed_has_another_stamp(tmp_path: Path) -> None:
    """Also one that the variable names, and one that was put in its place."""
    file = tmp_path / "hub.yaml"
    file.write_text("open: true\n")
    source = Source(environ={VARIABLE: str(file)})
    before = source.stamp()
    (tmp_path / "other").write_text("open: false\n")
    (tmp_path / "other").rename(file)
    assert source.stamp() != before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("opn: true", "hub.yaml:1: opn: unknown key (did you mean `open`?)"),
        ("models:\n  a:\n    cache: {exat: true}", ":3: models.a.cache.exat: unknown key (did you mean `exact`?)"),
        ("providers:\n  echo: {timeouts: {whole: soon}}", ":2: providers.echo.timeouts.whole: expected a duration"),
        ("open: [", "hub.yaml:1"),
    ],
)  # fmt: skip
def test_each_problem_has_its_line_and_what_may_be_meant(text: str, problem: str, tmp_path: Path) -> None:
    """Once, whatever forms a key may have."""
    (tmp_path / "hub.yaml").write_text(text)
    with pytest.raises(Misconfigured) as caught:
        Source(tmp_path / "hub.yaml").read()
    assert len(caught.value.problems) == 1
    assert problem in caught.value.problems[0]


@pytest.mark.parametrize(
    ("problem", "data", "path"),
    [
        ("models.gpt-4.1.targets[1]: no", {"models": {"gpt-4": {}, "gpt-4.1": {"targets": [1, 2]}}}, 4),
        ("models.gpt-4.1.targets[1]: no", {"models": {"gpt-4.1": "echo/echo"}}, 2),
        ("providers.openai: no", {"providers": ["openai"]}, 1),
        ("nowhere: no", {"models": {}}, 0),
    ],
)
def test_a_problem_is_found_by_its_key_in_the_data(problem: str, data: dict[str, Any], path: int) -> None:
    """As far as it is there; names of models have dots in them."""
    found = complaints.placed(problem, data)
    assert len(found.path) == path
    assert found.message == ("no" if path else problem)


def test_a_provider_needs_its_variable_whatever_its_value_will_be() -> None:
    """What a stack can know before it starts anything."""
    data = {"providers": ["echo", "anthropic"]}
    [missing] = checking.found(data, [])
    assert "ANTHROPIC_API_KEY is not set" in missing.message
    assert checking.found(data, ["ANTHROPIC_API_KEY"]) == []


def test_every_provider_can_be_declared_with_a_value_that_is_not_known_yet() -> None:
    """None of them reads its key before the hub serves."""
    data = {
        "providers": {"vertex": {"settings": {"project": "p", "region": "r"}}, "bedrock": {"settings": {"region": "r"}}}
    }
    assert checking.found(data, ["GOOGLE_SERVICE_ACCOUNT", "AWS_BEARER_TOKEN_BEDROCK"]) == []


@pytest.mark.parametrize("text", ["", "# nothing but this\n"])
def test_an_empty_file_takes_no_model_and_no_key_away(text: str, tmp_path: Path) -> None:
    """An editor may be amid writing it; who wants nothing says `{}`."""
    file = tmp_path / "hub.yaml"
    file.write_text(text)
    with pytest.raises(Misconfigured, match="is empty"):
        Source(file).read()
    file.write_text("{}")
    assert Source(file).read().models == {}
