"""A folder of wrong stack files: each ends in exactly the problems written beside it, and shows no secret.

`NAME.txt` holds a line `LINE: KEY: MESSAGE` for each problem, and its hint below. A first line that begins with `$`
says how the file is loaded: `--environment NAME`, or variables. `@PASSWORD@` and `@TOKEN@` stand for made-up secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from fairlead.daemon import apps
from fairlead.errors import Problem, StackError
from fairlead.kit import yaml
from fairlead.stack.check import RULES
from fairlead.stack.interpolate import interpolated
from fairlead.stack.load import load
from fairlead.stack.model import Stack
from fairlead.stack.overlay import overlaid
from fairlead.stack.validate import validated

WRONG = sorted((Path(__file__).parent / "wrong").glob("*.yaml"))
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/fairlead.yaml"))
apps.heard()
MADE_UP = {"@PASSWORD@": "correct-horse" + "-battery9", "@TOKEN@": "sk-" + "proj-" + "A1b2C3d4" * 4}


@dataclass(frozen=True)
class Case:
    """A wrong file, how it is loaded, and what is said of it."""

    file: Path
    expected: str
    environment: str | None
    environ: Mapping[str, str]

    def problems(self) -> tuple[Problem, ...]:
        with pytest.raises(StackError) as caught:
            load(self.file, environment=self.environment, environ=self.environ)
        return caught.value.problems


def filled(text: str) -> str:
    for mark, value in MADE_UP.items():
        text = text.replace(mark, value)
    return text


@pytest.fixture(params=WRONG, ids=lambda file: file.stem)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    source: Path = request.param
    file = tmp_path / "fairlead.yaml"
    file.write_text(filled(source.read_text()))
    lines = source.with_suffix(".txt").read_text().splitlines()
    words = lines.pop(0).split()[1:] if lines[0].startswith("$ ") else []
    if words[:1] == ["--environment"]:
        return Case(file, "\n".join(lines), words[1], {})
    variables = (word.partition("=") for word in words)
    return Case(file, "\n".join(lines), None, {name: filled(value) for name, _, value in variables})


def told(problem: Problem) -> str:
    key = f"{problem.path}: " if problem.path else ""
    return f"{problem.line}: {key}{problem.message}\n   hint: {problem.hint}"


def test_there_are_enough_wrong_files() -> None:
    """A hundred at least."""
    assert len(WRONG) >= 100


def test_each_problem_has_its_line_key_message_and_a_way_to_mend_it(case: Case) -> None:
    """All problems of a file at once, in the order of the file, and none beside."""
    problems = case.problems()
    assert "\n".join(map(told, problems)) == case.expected
    assert all(problem.file == str(case.file) and problem.line > 0 and problem.hint for problem in problems)


def test_no_problem_shows_a_secret(case: Case) -> None:
    """Neither in its message nor in its hint, its key or its `repr`."""
    shown = "".join(repr(problem) + str(problem) for problem in case.problems())
    assert not [value for value in MADE_UP.values() if value in shown]


def test_messages_are_in_the_house_form(case: Case) -> None:
    """Lower case at the beginning, no period at the end, and none of pydantic's wording."""
    for problem in case.problems():
        for text in filter(None, (problem.message, problem.hint)):
            assert text[0] == text[0].lower()
            assert not text.endswith(".")
            assert "Input" not in text


def stacks() -> Iterator[Stack]:
    """What can be made of every wrong file and every example."""
    for file in (*WRONG, *EXAMPLES):
        document = yaml.parse(filled(file.read_text()), file.name)
        overlays = document.data.get("environments", {}) if isinstance(document.data, dict) else None
        for environment in (None, *overlays) if isinstance(overlays, dict) else ():
            seen = overlaid(document, environment) if environment else document
            stack = validated(seen, interpolated(seen, {})).stack
            if stack is not None:
                yield stack


def test_every_rule_finds_something_in_a_wrong_file_or_an_example() -> None:
    """No rule is there that nothing tests, and each says what it holds."""
    everything = list(stacks())
    silent = [rule.__name__ for rule in RULES if not any(list(rule(stack)) for stack in everything)]
    assert not silent
    assert all(rule.__doc__ for rule in RULES)
