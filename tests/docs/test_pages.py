"""Pages that hold together: links lead somewhere, examples load, commands exist, and nothing is told of one machine."""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path

import click
import pytest
from tests.docs.documents import README, ROOT, Block, all_blocks, anchors, links, pages, prose

from fairlead.cli.main import root
from fairlead.stack.load import check_all

PAGES = pages()
STACKS = all_blocks("yaml")
COMMANDS = all_blocks("sh")
INCOMPLETE = (click.MissingParameter, click.BadOptionUsage, click.exceptions.NoArgsIsHelpError)
"""What a command is told that is only named, as in a sentence."""


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link to a file of ours finds the file, and its anchor a heading."""
    for path, anchor in links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_knows_the_machine_it_was_written_on(page: Path) -> None:
    """Paths of one machine mean nothing on another."""
    assert not re.search(r"(?<![\w.])/(root|work|home|Users)/", page.read_text())


@pytest.mark.parametrize("block", STACKS, ids=str)
def test_every_stack_file_shown_is_right(block: Block, tmp_path: Path) -> None:
    """What a page shows can be copied: it passes `fairlead check`."""
    file = tmp_path / "fairlead.yaml"
    file.write_text(block.text)
    for folder in re.findall(r"(?:directory|context): (\w+)", block.text):
        (tmp_path / folder).mkdir()
    assert check_all(file, {}).problems == ()


@pytest.mark.parametrize("block", COMMANDS, ids=str)
def test_every_command_shown_exists(block: Block) -> None:
    """Each `fairlead …` line names a command and options that there are."""
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["fairlead"]:
            assert understood(words[1:]), line


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_in_a_sentence_exists(page: Path) -> None:
    """As in its blocks, so in its sentences; there the name of a command alone may stand for it."""
    for line in re.findall(r"`(fairlead [^`…]+)`", prose(page)):
        if not re.search(r"\[|\.\.\.", line):
            with contextlib.suppress(*INCOMPLETE):
                assert understood(shlex.split(line)[1:]), line


def understood(words: list[str]) -> bool:
    """Whether the command line takes these words; nothing is run. Options alone, or `--help`, are understood too."""
    words = words[: words.index(">")] if ">" in words else words
    command: click.Command = root
    context = click.Context(root, info_name="fairlead")
    while isinstance(command, click.Group):
        _, rest, _ = command.make_parser(context).parse_args(list(words))
        if not rest or "--help" in words:
            return True
        name, found, words = command.resolve_command(context, rest)
        assert found is not None
        context, command = click.Context(found, info_name=name, parent=context), found
    command.make_context(context.info_name, list(words), parent=context.parent)
    return True


def test_the_readme_is_short() -> None:
    """A reader gives it a minute: under 500 words, and a command before line 30."""
    text = README.read_text()
    assert len(text.split()) < 500
    assert "```sh" in text.splitlines()[:29]
