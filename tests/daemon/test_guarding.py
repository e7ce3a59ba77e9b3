"""Neither a stack file nor an image carries a secret in the clear: the guard looks at both before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.daemon import apps, guarding
from fairlead.engine.images import context
from fairlead.errors import ReleaseError, StackError
from fairlead.stack.load import load

TOKEN = "dop_v1_" + "4f8a1c93e07b52d6" + "a9c4e1f07d3b6285" + "1e9f04c7a2d8b653" + "70c1f4e92a8d3b56"
"""Made up; in the form of DigitalOcean's, which the stack's own few signs do not know."""
STACK = """\
name: shop
runtime: docker
services:
  notes:
    build: notes
    command: python3 app.py
    ports: {http: 8000}
"""


@pytest.fixture(autouse=True)
def told() -> None:
    apps.heard()


@pytest.fixture
def sources(tmp_path: Path) -> context.Context:
    """What the image of a service is made from."""
    (tmp_path / "fairlead.yaml").write_text(STACK)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "app.py").write_text("print('hello')\n")
    stack = load(tmp_path / "fairlead.yaml", environ={})
    return context.of("notes", stack.services["notes"], stack, tmp_path)


@pytest.mark.parametrize(
    "lines",
    [
        "    environment:\n      REGION: {}\n",
        "    build: {{context: notes, args: {{REGION: '{}'}}}}\n",
        "    with: {{settings: {{region: '{}'}}}}\n    uses: nothing\n",
    ],
)
def test_a_token_in_a_stack_file_is_refused_with_its_line(lines: str, tmp_path: Path) -> None:
    """Whatever the key is called, and without a word of the token."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "fairlead.yaml").write_text(STACK.replace("    build: notes\n", "") + lines.format(TOKEN))

    with pytest.raises(StackError) as raised:
        load(tmp_path / "fairlead.yaml", environ={})
    found = [problem for problem in raised.value.problems if "looks like a secret (DigitalOcean" in problem.message]
    assert [problem.line for problem in found] == [7 + ("environment" in lines)]
    assert "declare it under `secrets`" in (found[0].hint or "")
    assert TOKEN[8:] not in str(raised.value)


def test_an_image_with_a_token_is_refused_with_file_and_line(sources: context.Context) -> None:
    """It is told how to mend it."""
    (sources.root / "settings.py").write_text(f"# settings\nTOKEN = '{TOKEN}'\n")

    with pytest.raises(ReleaseError, match=r"what looks like a secret \(DigitalOcean.*settings.py:2\)") as raised:
        sources.looked_at()
    assert ".dockerignore" in (raised.value.hint or "")
    assert TOKEN[8:] not in str(raised.value)


@pytest.mark.parametrize("way", ["ignored", "allowed", "listed", "absent"])
def test_what_is_not_sent_or_is_allowed_is_not_refused(way: str, sources: context.Context) -> None:
    """By `.dockerignore`, by a word beside it, by the project's list; a password is for others to judge."""
    allow = "  # fairlead: allow" + " secret -- made up"
    if way == "ignored":
        (sources.root / ".dockerignore").write_text("settings.py\n")
    if way == "listed":
        (sources.root / ".fairlead-guard.toml").write_text('[[allow]]\npath = "settings.py"\nreason = "made up"\n')
    line = "password = 'hunter22-and-more'" if way == "absent" else f"TOKEN = '{TOKEN}'"
    (sources.root / "settings.py").write_text(line + allow * (way == "allowed"))

    sources.looked_at()


def test_a_machine_that_has_built_no_rules_yet_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With those rules alone whose keywords the file has."""
    text = f"a: b\nregion: {TOKEN}\n"
    before = list(guarding.in_text(text))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(guarding, "_known", {})

    assert list(guarding.in_text(text)) == before
    assert [at for at, _ in before] == [text.index(TOKEN)]
    assert list(tmp_path.iterdir()) == []
