"""The encrypted file: only the key opens it, damage is named, and no change loses what was there."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrage import x25519

from fairlead.engine.secrets import (
    FILE,
    change_secrets,
    identity,
    remove_secret,
    resolve,
    rotate_key,
    sealed,
    set_secret,
)
from fairlead.errors import Conflict, MissingError, SecretMissing, StateError, UsageError
from fairlead.stack.model import Stack

from .conftest import MakeStack

VALUE = "swordfish-" + "4711"


@pytest.fixture
def path(repository: Path) -> Path:
    """Where the encrypted file is to be."""
    return repository / FILE


@pytest.fixture
def town(stack: MakeStack) -> Stack:
    """A stack with one secret in the encrypted file."""
    return stack(db={"encrypted": True})


def opened(town: Stack, path: Path, environ: dict[str, str]) -> str:
    """The value of `db`."""
    return resolve(town, ["db"], base=path.parent, environ=environ)["db"].reveal()


def key_file(environ: dict[str, str]) -> Path:
    """Where the key of this environment is."""
    return Path(environ["HOME"]) / ".config/fairlead/age.key"


def edited(path: Path, old: str, new: str) -> None:
    """Change the file as an attacker or a bad merge would."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_first_secret_makes_a_key_that_only_its_owner_reads(
    town: Stack, path: Path, environ: dict[str, str]
) -> None:
    old = os.umask(0)
    try:
        set_secret(path, "db", VALUE, environ=environ, now=0)
    finally:
        os.umask(old)
    assert stat.S_IMODE(key_file(environ).stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file(environ).parent.stat().st_mode) == 0o700
    assert opened(town, path, environ) == VALUE


def test_the_file_shows_names_and_times_and_no_values(path: Path, environ: dict[str, str]) -> None:
    change_secrets(path, {"zeta": VALUE, "alpha": VALUE}, environ=environ, now=1_700_000_000)
    text = path.read_text()
    assert VALUE not in text
    assert base64.b64encode(VALUE.encode()).decode()[:12] not in text
    assert text.index("alpha:") < text.index("zeta:")
    assert "changed: '2023-11-14T22:13:20Z'" in text or "changed: 2023-11-14T22:13:20Z" in text


def test_setting_one_leaves_the_lines_of_the_others_alone(path: Path, environ: dict[str, str]) -> None:
    change_secrets(path, {"a": VALUE, "c": VALUE}, environ=environ, now=0)
    before = set(path.read_text().splitlines())
    set_secret(path, "b", VALUE, environ=environ, now=60)
    assert before < set(path.read_text().splitlines())


def test_a_secret_can_be_set_without_the_key(town: Stack, path: Path, environ: dict[str, str], tmp_path: Path) -> None:
    set_secret(path, "db", "old", environ=environ, now=0)
    set_secret(path, "db", VALUE, environ={"HOME": str(tmp_path / "somebody-else")}, now=1)
    assert not (tmp_path / "somebody-else").exists()
    assert opened(town, path, environ) == VALUE


def test_the_key_may_come_from_a_variable_or_a_named_file(
    town: Stack, path: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)
    text = key_file(environ).read_text()
    elsewhere = tmp_path / "elsewhere.key"
    key_file(environ).rename(elsewhere)
    assert opened(town, path, environ | {"FAIRLEAD_AGE_KEY": text}) == VALUE
    assert opened(town, path, environ | {"FAIRLEAD_AGE_KEY_FILE": str(elsewhere)}) == VALUE


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused_with_what_to_type(
    mode: int, town: Stack, path: Path, environ: dict[str, str]
) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)
    key_file(environ).chmod(mode)
    with pytest.raises(SecretMissing, match="the age key can be read by others") as caught:
        opened(town, path, environ)
    assert caught.value.hint == f"chmod 600 {key_file(environ)}"


def test_no_key_and_the_wrong_key_are_told_apart(town: Stack, path: Path, environ: dict[str, str]) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)
    with pytest.raises(SecretMissing, match="no age key: neither FAIRLEAD_AGE_KEY nor FAIRLEAD_AGE_KEY_FILE is set"):
        opened(town, path, {"HOME": "nowhere"})
    other = str(x25519.Identity.generate())
    with pytest.raises(SecretMissing, match="the age key in the variable FAIRLEAD_AGE_KEY is not one that opens it"):
        opened(town, path, {"FAIRLEAD_AGE_KEY": other})


@pytest.mark.parametrize("text", ["hunter2-hunter2", "AGE-SECRET-KEY-1QQQQ", "# only a comment"])
def test_a_broken_key_is_named_and_not_shown(text: str, town: Stack, path: Path, environ: dict[str, str]) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)
    with pytest.raises(SecretMissing, match=r"the variable FAIRLEAD_AGE_KEY: .*age key") as caught:
        opened(town, path, {"FAIRLEAD_AGE_KEY": text})
    assert text not in caught.value.message


def test_a_tampered_value_is_damaged_and_no_key_problem(town: Stack, path: Path, environ: dict[str, str]) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)
    content = sealed.read(path)
    assert content
    raw = bytearray(base64.b64decode(content.entries["db"].value))
    raw[-1] ^= 1
    edited(path, content.entries["db"].value, base64.b64encode(raw).decode())
    with pytest.raises(SecretMissing, match=r"secrets\.enc\.yaml: db: the entry is damaged"):
        opened(town, path, environ)


def test_an_entry_put_under_another_name_does_not_open(stack: MakeStack, path: Path, environ: dict[str, str]) -> None:
    set_secret(path, "staging", VALUE, environ=environ, now=0)
    edited(path, "staging:", "db:")
    with pytest.raises(SecretMissing, match="db: the entry is damaged"):
        opened(stack(db={"encrypted": True}), path, environ)


def test_a_file_cut_off_anywhere_is_a_clear_error_or_a_missing_entry(
    town: Stack, path: Path, environ: dict[str, str]
) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)
    whole = path.read_bytes()
    for size in range(0, len(whole) - 1, 7):
        path.write_bytes(whole[:size])
        with pytest.raises(SecretMissing, match=r"secret db has no value: secrets\.enc\.yaml"):
            opened(town, path, environ)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<<<<<<< HEAD\nfairlead_secrets: 1\n=======\n", "secrets.enc.yaml:"),
        ("fairlead_secrets: 2\n", "should begin with `fairlead_secrets: 1`"),
        ("[]\n", "should begin with `fairlead_secrets: 1`"),
        ("fairlead_secrets: 1\n", "recipients: should be a list of age public keys"),
        ("fairlead_secrets: 1\nrecipients: [hello]\n", "recipients: not an age public key"),
        ("fairlead_secrets: 1\nrecipients: [age1]\nvalues: 3\n", "secrets.enc.yaml:3: values: should be a mapping"),
        ("fairlead_secrets: 1\nrecipients: [age1]\nvalues:\n  db: x\n", "secrets.enc.yaml:4: values.db: should hold"),
        (
            "fairlead_secrets: 1\nrecipients: [age1]\nvalues:\n  db: {value: x, changed: y}\n",
            "secrets.enc.yaml:4: values.db: should hold",
        ),
    ],
)
def test_a_file_that_is_none_is_left_as_it_is(text: str, message: str, path: Path, environ: dict[str, str]) -> None:
    path.write_text(text)
    with pytest.raises(StateError) as caught:
        set_secret(path, "db", VALUE, environ=environ, now=0)
    assert message in caught.value.message
    assert path.read_text() == text


def test_a_file_that_is_not_text_is_left_as_it_is(path: Path, environ: dict[str, str]) -> None:
    path.write_bytes(b"fairlead_secrets: \xff\n")
    with pytest.raises(StateError, match=r"secrets\.enc\.yaml:1: this is not UTF-8 text"):
        set_secret(path, "db", VALUE, environ=environ, now=0)
    assert path.read_bytes() == b"fairlead_secrets: \xff\n"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("db", "", "the value is empty"),
        ("db", "a\0b", "holds a NUL character"),
        ("db", "\udcff", "is not UTF-8 text"),
        ("db", "x" * 70_000, "should be at most 64 KiB, got 70000 bytes"),
        ("2db", VALUE, "2db: should be letters"),
        ("a b", VALUE, "a b: should be letters"),
        ("", VALUE, "should be letters"),
    ],
)
def test_what_no_program_could_be_given_is_refused_before_anything_is_made(
    name: str, value: str, message: str, path: Path, environ: dict[str, str]
) -> None:
    with pytest.raises(UsageError, match=message):
        set_secret(path, name, value, environ=environ, now=0)
    assert not path.exists()
    assert not key_file(environ).exists()


def test_a_full_disk_loses_nothing(
    town: Stack, path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StateError, match="can't be written: No space left on device"):
            set_secret(path, "db", "another", environ=environ, now=1)
    assert opened(town, path, environ) == VALUE
    assert sorted(file.name for file in path.parent.iterdir()) == [FILE]


def test_removing_an_unknown_name_is_an_error_with_a_suggestion(path: Path, environ: dict[str, str]) -> None:
    set_secret(path, "database", VALUE, environ=environ, now=0)
    with pytest.raises(UsageError, match="has no databas") as caught:
        remove_secret(path, "databas", environ=environ, now=1)
    assert caught.value.hint == "did you mean `database`?"
    remove_secret(path, "database", environ=environ, now=1)
    assert "database" not in path.read_text()


def test_a_new_key_opens_everything_and_the_old_one_nothing_more(
    town: Stack, path: Path, environ: dict[str, str]
) -> None:
    change_secrets(path, {"db": VALUE, "other": VALUE}, environ=environ, now=5)
    old = key_file(environ).read_text()
    rotation = rotate_key(path, environ=environ)
    assert rotation.entries == 2
    assert opened(town, path, environ) == VALUE
    with pytest.raises(SecretMissing, match="is not one that opens it"):
        opened(town, path, {"FAIRLEAD_AGE_KEY": old})
    content = sealed.read(path)
    assert content is not None
    assert content.recipients == (rotation.recipient,)
    assert content.entries["db"].changed == 5


def test_the_old_key_still_opens_older_commits_and_other_stacks(
    town: Stack, path: Path, environ: dict[str, str]
) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)
    older_commit = path.read_text()
    rotate_key(path, environ=environ)
    path.write_text(older_commit)
    assert opened(town, path, environ) == VALUE
    assert stat.S_IMODE(key_file(environ).stat().st_mode) == 0o600


def test_a_new_key_of_ours_leaves_the_keys_of_others_in(town: Stack, path: Path, environ: dict[str, str]) -> None:
    colleague = x25519.Identity.generate()
    set_secret(path, "db", VALUE, environ=environ, now=0)
    edited(path, "recipients:\n", f"recipients:\n- {colleague.to_public()}\n")
    rotate_key(path, environ=environ)
    assert opened(town, path, {"FAIRLEAD_AGE_KEY": str(colleague)}) == VALUE
    assert opened(town, path, environ) == VALUE


def test_a_key_in_a_variable_can_not_be_replaced_here(path: Path, environ: dict[str, str]) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)
    with pytest.raises(UsageError, match="comes from the variable FAIRLEAD_AGE_KEY"):
        rotate_key(path, environ={"FAIRLEAD_AGE_KEY": key_file(environ).read_text()})


def test_without_a_key_nothing_is_rotated(path: Path, environ: dict[str, str]) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)
    before = path.read_bytes()
    with pytest.raises(MissingError):
        rotate_key(path, environ={"HOME": "nowhere"})
    assert path.read_bytes() == before


def test_one_damaged_entry_stops_a_rotation_before_anything_is_changed(path: Path, environ: dict[str, str]) -> None:
    change_secrets(path, {"db": VALUE, "other": VALUE}, environ=environ, now=0)
    edited(path, "  other:", "  renamed:")
    before, key = path.read_bytes(), key_file(environ).read_bytes()
    with pytest.raises(StateError, match="renamed: the entry is damaged"):
        rotate_key(path, environ=environ)
    assert (path.read_bytes(), key_file(environ).read_bytes()) == (before, key)


ROTATE = """
import sys
from pathlib import Path
from fairlead.engine.secrets import rotate_key
print("begins", flush=True)
while True:
    rotate_key(Path(sys.argv[1]), environ={"HOME": sys.argv[2]})
"""


@contextlib.contextmanager
def rotating(path: Path, environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process that makes one new key after another."""
    argv = [sys.executable, "-c", ROTATE, str(path), environ["HOME"]]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        yield process
        process.send_signal(signal.SIGKILL)


def test_a_kill_in_the_middle_of_a_rotation_leaves_a_key_that_opens_the_file(
    town: Stack, path: Path, environ: dict[str, str]
) -> None:
    set_secret(path, "db", VALUE, environ=environ, now=0)
    for _ in range(5):
        key = key_file(environ).read_bytes()
        with rotating(path, environ):
            while key_file(environ).read_bytes() == key:
                time.sleep(0)  # the next instruction may be the one that is cut off
        assert opened(town, path, environ) == VALUE


def test_two_who_set_secrets_at_once_lose_none(path: Path, environ: dict[str, str]) -> None:
    code = (
        "import sys; from pathlib import Path; from fairlead.engine.secrets import set_secret\n"
        "for n in range(5): set_secret(Path(sys.argv[1]), f'{sys.argv[3]}{n}', 'value', "
        "environ={'HOME': sys.argv[2]}, now=0)"
    )
    set_secret(path, "first", VALUE, environ=environ, now=0)
    argv = [sys.executable, "-c", code, str(path), environ["HOME"]]
    both = [subprocess.Popen([*argv, who]) for who in "ab"]
    assert [process.wait(30) for process in both] == [0, 0]
    content = sealed.read(path)
    assert content is not None
    assert len(content.entries) == 11


def test_a_change_from_an_older_reading_does_not_overwrite_a_younger_one(path: Path, environ: dict[str, str]) -> None:
    set_secret(path, "db", "old", environ=environ, now=0)
    seen = sealed.read(path)
    set_secret(path, "db", "young", environ=environ, now=1)
    with pytest.raises(Conflict, match="changed by somebody else meanwhile: db"):
        change_secrets(path, {"db": "mine"}, environ=environ, now=2, seen=seen)


def test_the_key_shows_itself_nowhere(environ: dict[str, str]) -> None:
    ring = identity.made(environ)
    assert "AGE-SECRET-KEY" not in repr(ring)
    assert ring.recipient.startswith("age1")


@settings(deadline=None, max_examples=25)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_every_text_comes_back_as_it_was(value: str) -> None:
    key = x25519.Identity.generate()
    recipients = [str(key.to_public())]
    entry = sealed.seal("db", value, recipients, 0)
    assert sealed.unseal("db", entry, recipients, identity.KeyRing([key], None)) == value
