"""Values come from where the stack says; all that are missing are told at once, with how to set each."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.engine.secrets import FILE, list_secrets, resolve, set_secret, variables
from fairlead.errors import SecretMissing, UsageError

from .conftest import MakeStack

VALUE = "swordfish-" + "4711"
DAY = 86400.0


def test_each_secret_comes_from_its_own_source(stack: MakeStack, repository: Path, environ: dict[str, str]) -> None:
    (repository / ".env").write_text("OPENAI_KEY=from-file\nplain=also-from-file\n")
    set_secret(repository / FILE, "db", "from-encrypted", environ=environ, now=0)
    town = stack(
        token={"env": "TOKEN"},
        openai={"file": ".env", "key": "OPENAI_KEY"},
        plain={"file": ".env"},
        db={"encrypted": True},
    )
    found = resolve(town, town.secrets, base=repository, environ=environ | {"TOKEN": "from-env"})
    assert {name: secret.reveal() for name, secret in found.items()} == {
        "token": "from-env",
        "openai": "from-file",
        "plain": "also-from-file",
        "db": "from-encrypted",
    }


def test_only_what_is_asked_for_is_looked_up(stack: MakeStack, repository: Path) -> None:
    town = stack(token={"env": "TOKEN"}, other={"file": "no-such-file"})
    assert list(resolve(town, ["token"], base=repository, environ={"TOKEN": VALUE})) == ["token"]


def test_all_missing_ones_are_told_at_once_with_how_to_set_each(
    stack: MakeStack, repository: Path, environ: dict[str, str]
) -> None:
    (repository / "broken.env").write_text(f"A=1\n{VALUE}\n")
    town = stack(
        token={"env": "TOKEN"},
        empty={"env": "EMPTY"},
        openai={"file": ".env"},
        broken={"file": "broken.env"},
        db={"encrypted": True},
        cloud={"manager": "prod/token"},
    )
    with pytest.raises(SecretMissing) as caught:
        resolve(town, town.secrets, base=repository, environ=environ | {"EMPTY": ""})
    assert caught.value.message.splitlines() == [
        "6 secrets have no value:",
        "  token: the variable TOKEN is not set",
        "  empty: the variable EMPTY is empty",
        "  openai: .env: no such file",
        "  broken: broken.env:2: should be NAME=value",
        "  db: secrets.enc.yaml has no db",
        "  cloud: it is in a secret manager, which one machine does not ask",
    ]
    assert caught.value.hint == (
        "export TOKEN=… and try again\n"
        "export EMPTY=… and try again\n"
        "make .env with NAME=value lines, and keep it out of version control\n"
        "correct line 2 of broken.env\n"
        "fairlead secrets set db\n"
        "give secrets.cloud an `env`, `file` or `encrypted` in an environment for this machine"
    )


def test_a_single_missing_one_takes_one_line(stack: MakeStack, repository: Path) -> None:
    with pytest.raises(SecretMissing) as caught:
        resolve(stack(token={"env": "TOKEN"}), ["token"], base=repository, environ={})
    assert caught.value.message == "secret token has no value: the variable TOKEN is not set"


def test_a_name_in_capitals_in_the_env_file_is_suggested(stack: MakeStack, repository: Path) -> None:
    (repository / ".env").write_text(f"OPENAI_KEY={VALUE}\n")
    with pytest.raises(SecretMissing, match=r"\.env: openai-key is not set") as caught:
        resolve(stack(openai_key={"file": ".env"}), ["openai-key"], base=repository, environ={})
    assert caught.value.hint == (
        "add a line openai-key=… to .env, or, if `OPENAI_KEY` is meant, set secrets.openai-key.key to it"
    )


def test_a_secret_the_stack_does_not_declare_is_an_error_with_a_suggestion(stack: MakeStack, repository: Path) -> None:
    with pytest.raises(UsageError, match="unknown secret: tokn") as caught:
        resolve(stack(token={"env": "TOKEN"}), ["tokn"], base=repository, environ={})
    assert caught.value.hint == "did you mean `token`?"


def test_a_variable_that_is_not_text_is_no_value(stack: MakeStack, repository: Path) -> None:
    with pytest.raises(SecretMissing, match="the variable TOKEN is not UTF-8 text"):
        resolve(stack(token={"env": "TOKEN"}), ["token"], base=repository, environ={"TOKEN": "\udcff"})


def test_a_folder_in_place_of_an_env_file_is_told(stack: MakeStack, repository: Path) -> None:
    (repository / ".env").mkdir()
    with pytest.raises(SecretMissing, match=r"\.env: can't be read: Is a directory"):
        resolve(stack(token={"file": ".env"}), ["token"], base=repository, environ={})


def test_the_list_says_where_each_is_and_when_it_is_to_be_replaced_and_opens_nothing(
    stack: MakeStack, repository: Path, environ: dict[str, str]
) -> None:
    set_secret(repository / FILE, "db", VALUE, environ=environ, now=1_000)
    set_secret(repository / FILE, "forgotten", VALUE, environ=environ, now=2_000)
    town = stack(
        token={"env": "TOKEN", "rotate": "30d"},
        db={"encrypted": True, "rotate": "90d", "description": "the database"},
        other={"encrypted": True, "key": "other-key"},
    )
    rows = list_secrets(town, base=repository, environ={"HOME": "no-key-here"})
    assert [(row.name, row.source, row.present, row.problem, row.rotate_due) for row in rows] == [
        ("db", "secrets.enc.yaml", True, None, 1_000 + 90 * DAY),
        ("other", "secrets.enc.yaml (other-key)", False, "secrets.enc.yaml has no other-key", None),
        ("token", "variable TOKEN", False, "the variable TOKEN is not set", None),
        ("forgotten", "secrets.enc.yaml", True, "the stack does not use it", None),
    ]
    assert rows[0].description == "the database"
    assert VALUE not in repr(rows)


def test_the_list_is_given_even_when_the_encrypted_file_is_broken(stack: MakeStack, repository: Path) -> None:
    (repository / FILE).write_text("<<<<<<< HEAD\n")
    (row,) = list_secrets(stack(db={"encrypted": True}), base=repository, environ={})
    assert not row.present
    assert row.problem is not None
    assert "secrets.enc.yaml" in row.problem


def test_the_variables_to_hand_over_are_those_of_the_stack_and_of_the_key(stack: MakeStack) -> None:
    assert variables(stack(token={"env": "TOKEN"}, other={"file": ".env"})) == ["TOKEN"]
    assert variables(stack(db={"encrypted": True})) == ["FAIRLEAD_AGE_KEY", "FAIRLEAD_AGE_KEY_FILE"]
