"""A reference that is whole: every command, key, error, metric and dependency is told, and nothing is stale."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator

import click
import pytest
from tests.docs.documents import ROOT, anchors

from fairlead import errors
from fairlead.cli.main import root
from fairlead.daemon.metrics import NAMES
from fairlead.stack.docs import pages
from fairlead.stack.model.base import Model

REFERENCE = ROOT / "docs" / "reference"


def commands(group: click.Group, before: str = "fairlead") -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{before} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")


def error_classes(kind: type[errors.FairleadError]) -> Iterator[type[errors.FairleadError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from error_classes(child)


def test_the_reference_is_what_the_code_says() -> None:
    """`make docs` would change nothing."""
    check = [sys.executable, str(ROOT / "tools" / "generate_docs.py"), "--check"]
    result = subprocess.run(check, capture_output=True, text=True, timeout=50, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("name", "command"), list(commands(root)), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    """A heading for each command, and each of its options below it."""
    page = (REFERENCE / "cli.md").read_text()
    _, heading, rest = page.partition(f"\n## `{name}`\n")
    assert heading
    section = rest.partition("\n## ")[0]
    shown = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    assert not [option.opts for option in shown if option.opts[0] not in section]


@pytest.mark.parametrize(
    ("name", "command"), list(commands(root)), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_says_what_it_is_for(name: str, command: click.Command) -> None:
    """Help for the command and for each of its options."""
    assert command.help
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert not [option.name for option in options if not option.hidden and not option.help]


def parts(kind: type[Model] = Model) -> Iterator[type[Model]]:
    """Every part of the stack model."""
    for child in kind.__subclasses__():
        yield child
        yield from parts(child)


def test_every_key_of_a_stack_file_is_documented() -> None:
    """The page holds each key's whole path, and no field of the model is left out."""
    page = (REFERENCE / "stack.md").read_text()
    keys = [key.key for key in pages()]
    assert not [key for key in keys if f"`{key}`" not in page]
    fields = {field.alias or name for part in parts() for name, field in part.model_fields.items()}
    assert not fields - {key.rpartition(".")[2] for key in keys}


def test_every_key_of_a_stack_file_says_what_it_is_for() -> None:
    """A sentence for each."""
    assert not [key.key for key in pages() if not key.description.strip()]


def test_every_error_is_in_the_reference_and_has_a_way_out() -> None:
    """Both pages name each class; the one for people under a heading of its own."""
    reference = (REFERENCE / "errors.md").read_text()
    ways_out = anchors(ROOT / "docs" / "how-to" / "when-something-fails.md")
    for kind in error_classes(errors.FairleadError):
        name = kind.__name__.lower()
        assert f"`{kind.__name__}`" in reference
        assert ways_out & {name, f"{name}-{kind.exit_code}"}, kind.__name__


def test_every_metric_is_documented() -> None:
    """By its name."""
    page = (REFERENCE / "metrics.md").read_text()
    assert not [name for name in NAMES if f"`{name}`" not in page]


def test_every_variable_of_ours_is_documented() -> None:
    """Whatever begins with FAIRLEAD_ in the code, given to a service or read by Fairlead."""
    page = (REFERENCE / "environment.md").read_text()
    sources = (path.read_text() for path in (ROOT / "src").rglob("*.py"))
    used = {name for text in sources for name in re.findall(r'"(FAIRLEAD_[A-Z_]+[A-Z])"', text)}
    assert used
    assert not [name for name in used if f"`{name}`" not in page]


def test_every_dependency_has_its_reason() -> None:
    """One line in the page of dependencies for each, and none for what has gone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {requirement.partition(">")[0] for requirement in project["dependencies"]}
    page = (ROOT / "docs" / "explanation" / "dependencies.md").read_text()
    told = {line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ") and "package" not in line}
    assert told == wanted
