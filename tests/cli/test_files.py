"""The commands about files: init, check, docs, schema, plan, secrets; none of them needs a daemon."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from fairlead.cli.starter.guess import guess
from fairlead.cli.starter.write import label

from .conftest import Fairlead, Start

VALUE = "hunter2-" + "made-up"

FOLDERS: dict[str, tuple[dict[str, str], list[str]]] = {
    "nothing": ({}, ["sh", "-c", 'exec python3 -m http.server "$PORT" --bind 127.0.0.1 --directory "$SITE_DIR"']),
    "a FastAPI app": (
        {"app.py": "app: FastAPI = FastAPI()\n"},
        ["sh", "-c", 'exec python3 -m uvicorn app:app --port "$PORT"'],
    ),
    "a Flask app": (
        {"main.py": "web = flask.Flask(__name__)\n"},
        ["sh", "-c", 'exec python3 -m flask --app main:web run --port "$PORT"'],
    ),
    "a Python program": ({"server.py": "print()\n"}, ["python3", "-u", "server.py"]),
    "a Node server": ({"package.json": '{"scripts": {"start": "node server.js"}}'}, ["node", "server.js"]),
    "a Node package": ({"package.json": '{"scripts": {"start": "next start"}}'}, ["npm", "start"]),
    "a Dockerfile": (
        {"Dockerfile": 'FROM x\nENTRYPOINT ["python3"]\nCMD ["-m", "http.server"]\n'},
        ["python3", "-m", "http.server"],
    ),
    "a Dockerfile with a line for the shell": (
        {"Dockerfile": "FROM x\nCMD ./run $PORT\n"},
        ["sh", "-c", "exec ./run $PORT"],
    ),
}


@pytest.mark.parametrize("what", FOLDERS)
def test_init_writes_a_file_that_is_right(what: str, folder: Path, fairlead: Fairlead) -> None:
    """For each kind of folder: the command that was meant, and not one problem."""
    files, command = FOLDERS[what]
    (folder / "fairlead.yaml").unlink()
    for name, text in files.items():
        (folder / name).write_text(text)

    assert fairlead("init").code == 0
    assert guess(folder).command == command
    assert fairlead("check").out == "fairlead.yaml: no problems\n"
    assert (folder / "fairlead.yaml").read_text().startswith("# Fairlead runs what is declared here")


def test_init_never_changes_a_file_that_is_there(folder: Path, fairlead: Fairlead) -> None:
    """It may be all that somebody has."""
    before = (folder / "fairlead.yaml").read_text()

    found = fairlead("init")

    assert found.code == 2
    assert found.err == "error: fairlead.yaml: exists already\nhint: `fairlead check` says whether it is right\n"
    assert (folder / "fairlead.yaml").read_text() == before


@pytest.mark.parametrize(
    ("folder_name", "name"), [("My Shop", "my-shop"), ("2024_hub", "hub"), ("...", "stack"), ("x" * 50, "x" * 40)]
)
def test_a_stack_is_named_after_its_folder(folder_name: str, name: str) -> None:
    """As a DNS label."""
    assert label(folder_name) == name


def test_check_tells_every_problem_of_every_environment(folder: Path, fairlead: Fairlead) -> None:
    """Exit code 3; as JSON too."""
    text = (
        "name: shop\nservices:\n  notes: {comand: x}\nenvironments:\n  production: {services: {notes: {scale: many}}}\n"
    )
    (folder / "fairlead.yaml").write_text(text)

    found = fairlead("check")
    told = json.loads(fairlead("check", "--json").out)

    assert found.code == 3
    assert "fairlead.yaml:3: services.notes.comand: unknown key" in found.err
    assert "hint: did you mean `command`?" in found.err
    assert "(in environment `production`)" in found.err
    assert told["ok"] is False
    assert {problem["line"] for problem in told["problems"]} >= {3, 5}


def test_check_of_one_environment_is_silent_about_the_others(folder: Path, fairlead: Fairlead) -> None:
    """`--env` chooses."""
    more = "environments:\n  dev: {}\n  production: {nme: x}\n"
    (folder / "fairlead.yaml").write_text((folder / "fairlead.yaml").read_text() + more)

    assert fairlead("--env", "dev", "check").code == 0
    assert fairlead("--env", "production", "check").code == 3


def test_docs_explain_a_key(folder: Path, fairlead: Fairlead) -> None:
    """Its type, its default, what it is for, the keys below it, and an example."""
    page = fairlead("docs", "services.scale").out

    assert page.startswith("services.NAME.scale\n")
    assert "\n  max " in page
    assert "\nexample:\n  services:\n" in page
    assert json.loads(fairlead("docs", "services.scale", "--json").out)["key"] == "services.NAME.scale"


def test_docs_of_a_key_that_does_not_exist_suggest_one(folder: Path, fairlead: Fairlead) -> None:
    """As everywhere."""
    found = fairlead("docs", "services.scale.mx")

    assert (found.code, found.err) == (2, "error: there is no key `services.scale.mx`\nhint: did you mean `max`?\n")


def test_the_schema_is_json(folder: Path, fairlead: Fairlead) -> None:
    """For editors."""
    assert "services" in json.loads(fairlead("schema").out)["properties"]


def test_a_plan_says_what_up_would_do_and_can_say_it_by_exit_code(folder: Path, fairlead: Fairlead) -> None:
    """Without a daemon."""
    assert fairlead("plan").out == "+ notes: start it\n"
    assert fairlead("plan").code == 0
    assert fairlead("plan", "--exit-code").code == 1
    assert json.loads(fairlead("plan", "--json").out)["changes"][0]["service"] == "notes"


@pytest.fixture
def with_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack with a secret in the encrypted file, and a key of its own."""
    text = (folder / "fairlead.yaml").read_text()
    (folder / "fairlead.yaml").write_text(
        text + "secrets:\n  token: {encrypted: true, description: for the provider}\n"
    )
    monkeypatch.setenv("FAIRLEAD_AGE_KEY_FILE", str(folder / "age.key"))
    return folder


def test_a_secret_is_read_from_standard_input_and_never_shown(
    with_secret: Path, fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set, listed, taken out."""
    assert "missing" in fairlead("secrets", "list").out
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{VALUE}\n"))

    told = fairlead("secrets", "set", "token")
    listed = fairlead("secrets", "list")
    rows = json.loads(fairlead("secrets", "list", "--json").out)["secrets"]

    assert (told.code, told.err) == (0, "")
    assert "token" in listed.out
    assert "for the provider" in listed.out
    assert rows[0]["present"] is True
    assert VALUE not in told.out + listed.out + json.dumps(rows)
    assert not [file for file in with_secret.iterdir() if VALUE in file.read_text()]
    assert fairlead("secrets", "remove", "token").out == "token is removed\n"
    assert "missing" in fairlead("secrets", "list").out


def test_a_secret_is_asked_for_without_echo(with_secret: Path, start: Start) -> None:
    """On a terminal: twice, and not a letter of it is shown."""
    import os

    ours, theirs = os.openpty()
    process = start("secrets", "set", "token", stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown = b""
    for prompt in (b"value of token: ", b"again: "):
        while not shown.endswith(prompt):
            shown += os.read(ours, 1024)
        os.write(ours, VALUE.encode() + b"\n")
    while b"token is set" not in shown:
        shown += os.read(ours, 1024)
    os.close(ours)

    assert process.wait(30) in (0, -1)
    assert VALUE.encode() not in shown


def test_a_value_can_not_be_an_argument(with_secret: Path, fairlead: Fairlead) -> None:
    """It would be in the shell's history and in every list of processes."""
    found = fairlead("secrets", "set", "token", "x")

    assert found.code == 2
    assert found.err.startswith("error: got unexpected extra argument")


def test_a_secret_from_elsewhere_is_not_set_here(with_secret: Path, fairlead: Fairlead) -> None:
    """It would be set, and never read."""
    text = (with_secret / "fairlead.yaml").read_text().replace("encrypted: true", "env: TOKEN")
    (with_secret / "fairlead.yaml").write_text(text)

    found = fairlead("secrets", "set", "token")

    assert found.err.startswith("error: secret token does not come from the encrypted file\n")


def test_a_secret_that_the_stack_does_not_use_is_kept_with_a_note(
    with_secret: Path, fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be declared next."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(VALUE))

    found = fairlead("secrets", "set", "other")

    assert found.code == 0
    assert found.err.startswith("note: the stack does not use other yet")


def test_secrets_are_edited_in_the_editor_and_their_key_is_rotated(
    with_secret: Path, fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changed is told by name."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(VALUE))
    fairlead("secrets", "set", "token")
    editor = with_secret / "editor"
    editor.write_text(f'#!/bin/sh\necho another={VALUE} >> "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))

    assert fairlead("secrets", "edit").out == "added another\n"
    before = (with_secret / "age.key").read_text()
    assert fairlead("secrets", "rotate").out.startswith("2 secrets are encrypted to age1")
    assert (with_secret / "age.key").read_text() != before
