"""What is typed wrongly, and what help there is."""

from __future__ import annotations

import ast
from pathlib import Path

import click
import pytest

import fairlead.cli.commands
from fairlead import __version__
from fairlead.cli.contents import SECTIONS
from fairlead.cli.main import root

from .conftest import Fairlead
from .faking import FakeDaemon

COMMANDS = {name: sentence for section in SECTIONS.values() for name, sentence in section.items()}


@pytest.mark.parametrize(("name", "sentence"), COMMANDS.items())
def test_help_says_of_a_command_what_the_command_says_of_itself(name: str, sentence: str) -> None:
    """The table of contents is a copy, so that help imports no command; a copy must not grow old."""
    command = root.get_command(click.Context(root), name)

    assert command is not None
    assert (command.help or "").partition("\n")[0] == sentence


def test_every_command_is_in_the_table_of_contents() -> None:
    """A file that is left out would never be found."""
    folder = Path(fairlead.cli.commands.__path__[0])

    assert {file.stem for file in folder.glob("*.py")} - {"__init__"} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    """An option without a word is a riddle."""
    command = root.get_command(click.Context(root), name)
    assert command is not None
    below = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    options = [option for each in below for option in each.params if isinstance(option, click.Option)]

    assert [option.name for option in options if not option.help and not option.hidden] == []


def test_help_is_in_sections(fairlead: Fairlead) -> None:
    """What is used every day comes first."""
    shown = fairlead("--help")

    titles = [line for line in shown.out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["Options:", *(f"{title}:" for title in SECTIONS)]
    assert fairlead().out == shown.out


@pytest.mark.parametrize("name", ["daemon", "secrets"])
def test_a_command_with_commands_of_its_own_shows_them(name: str, folder: Path, fairlead: Fairlead) -> None:
    """Asked for nothing more, it is asked for help."""
    assert fairlead(name) == fairlead(name, "--help")
    assert fairlead(name).code == 0


def test_help_fits_eighty_columns(fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of it."""
    monkeypatch.setenv("COLUMNS", "80")
    pages = [fairlead("--help").out, *(fairlead(name, "--help").out for name in COMMANDS)]

    assert [line for page in pages for line in page.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (["stauts"], "no such command: stauts", "did you mean `status`?"),
        (["frobnicate"], "no such command: frobnicate", "`fairlead --help` lists the commands"),
        (["up", "--profil", "x"], "no such option: --profil", "did you mean `--profile`?"),
        (["deploy"], "missing argument 'SERVICE'", "`fairlead deploy --help` shows how"),
        (["deploy", "a", "--set", "b"], "--set b: expected KEY=VALUE", "for example `--set environment.MODEL=small`"),
        (["logs", "--tail", "x"], "invalid value for '--tail': 'x' is not a valid integer range", None),
        (["daemon", "strat"], "no such command: strat", "did you mean `start`?"),
    ],
)
def test_what_is_typed_wrongly_is_told_with_what_was_meant(
    words: list[str], error: str, hint: str | None, daemon: FakeDaemon, fairlead: Fairlead
) -> None:
    """Lower case, no period, exit code 2, and the daemon is not asked."""
    found = fairlead(*words)

    told = found.err.splitlines()
    assert (found.code, found.out, daemon.asked) == (2, "", [])
    assert told[0] == f"error: {error}"
    assert hint is None or told[1] == f"hint: {hint}"


def test_without_a_stack_file_there_is_a_hint_how_to_get_one(folder: Path, fairlead: Fairlead) -> None:
    """It was looked for here and above."""
    (folder / "fairlead.yaml").unlink()

    found = fairlead("status")

    assert found.code == 2
    assert found.err.startswith(f"error: no fairlead.yaml in {folder} or above\nhint: `fairlead init` writes one;")


def test_the_stack_file_is_found_from_a_folder_below(
    folder: Path, fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As git does it."""
    below = folder / "src" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    assert fairlead("check").out == "fairlead.yaml: no problems\n"


def test_a_file_that_is_named_and_not_there_is_told(folder: Path, fairlead: Fairlead) -> None:
    """No other one is taken instead."""
    assert fairlead("-f", "other.yaml", "status").err.startswith("error: other.yaml: no such file\n")


def test_no_traceback_is_shown_for_what_nobody_foresaw(
    folder: Path, fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is, on request."""
    nothing: dict[str, bool] = {}
    monkeypatch.setattr(Path, "is_file", lambda self: nothing["missing"])

    plain = fairlead("status")
    assert plain.code == 1
    assert (
        plain.err
        == "error: something unexpected: KeyError: 'missing'\nhint: FAIRLEAD_DEBUG=1 shows where; please report it\n"
    )

    monkeypatch.setenv("FAIRLEAD_DEBUG", "1")
    assert "Traceback (most recent call last)" in fairlead("status").err


@pytest.mark.parametrize("words", [["version"], ["--version"]])
def test_the_version_is_told_either_way(words: list[str], folder: Path, fairlead: Fairlead) -> None:
    """People try both."""
    assert fairlead(*words).out == f"fairlead {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_learns_to_complete(shell: str, folder: Path, fairlead: Fairlead) -> None:
    """The script asks the program itself."""
    assert "_FAIRLEAD_COMPLETE" in fairlead("completion", shell).out


def test_no_command_prints_on_its_own() -> None:
    """`print` knows no colour, and no terminal."""
    calls = [
        f"{file.name}:{node.lineno}"
        for file in Path(fairlead.cli.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert calls == []
