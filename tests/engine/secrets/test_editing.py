"""An edit changes what was edited, and leaves no plain text behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.engine.secrets import FILE, Changes, change_secrets, edit, editing, sealed, set_secret
from fairlead.engine.secrets.changing import open_all
from fairlead.errors import Conflict, UsageError

VALUE = "swordfish-" + "4711"
LINES = "-----BEGIN\n" + 'a "quoted" $line\\\r\n' + "END-----\n"


@pytest.fixture
def path(repository: Path, environ: dict[str, str]) -> Path:
    """An encrypted file with two secrets."""
    change_secrets(repository / FILE, {"db": VALUE, "pem": LINES}, environ=environ, now=0)
    return repository / FILE


def contents(path: Path, environ: dict[str, str]) -> dict[str, str]:
    """All that the file holds."""
    return open_all(sealed.read(path) or sealed.Sealed(()), environ=environ)


def test_what_was_edited_is_changed_and_nothing_else(path: Path, environ: dict[str, str]) -> None:
    before = sealed.read(path)
    with edit(path, environ=environ) as draft:
        text = draft.file.read_text()
        draft.file.write_text(text.replace(f"db={VALUE}", "new='it is'"), newline="")
        assert draft.save(now=60) == Changes(added=("new",), removed=("db",))
    assert contents(path, environ) == {"new": "it is", "pem": LINES}
    after = sealed.read(path)
    assert before
    assert after
    assert after.entries["pem"] == before.entries["pem"]


def test_an_edit_that_changes_nothing_writes_nothing(path: Path, environ: dict[str, str]) -> None:
    before = path.stat().st_ino
    with edit(path, environ=environ) as draft:
        assert draft.save(now=60) == Changes()
    assert path.stat().st_ino == before


def test_the_text_is_for_its_owner_alone_and_gone_afterwards(path: Path, environ: dict[str, str]) -> None:
    old = os.umask(0)
    try:
        with edit(path, environ=environ) as draft:
            assert VALUE in draft.file.read_text()
            assert stat.S_IMODE(draft.file.stat().st_mode) == 0o600
            assert stat.S_IMODE(draft.file.parent.stat().st_mode) == 0o700
            (draft.file.parent / ".secrets.env.swp").write_text("an editor's copy")
    finally:
        os.umask(old)
    assert not draft.file.parent.exists()
    assert VALUE not in repr(draft)


def test_the_text_is_kept_in_memory_where_there_is_such_a_place(path: Path, environ: dict[str, str]) -> None:
    with edit(path, environ=environ) as draft:
        assert editing.MEMORY in draft.file.parents or not os.access(editing.MEMORY, os.W_OK)


def test_a_line_that_can_not_be_read_is_named_and_can_be_mended(path: Path, environ: dict[str, str]) -> None:
    with edit(path, environ=environ) as draft:
        draft.file.write_text("db=1\nhunter2\n")
        with pytest.raises(UsageError, match="the edited text, line 2: should be NAME=value; nothing was saved"):
            draft.save(now=60)
        assert contents(path, environ)["db"] == VALUE
        draft.file.write_text("db=1\n")
        draft.save(now=60)
    assert contents(path, environ) == {"db": "1"}


def test_a_value_left_empty_is_refused_and_nothing_is_saved(path: Path, environ: dict[str, str]) -> None:
    with edit(path, environ=environ) as draft:
        draft.file.write_text("db=\n")
        with pytest.raises(UsageError, match="db: the value is empty"):
            draft.save(now=60)
    assert contents(path, environ) == {"db": VALUE, "pem": LINES}


def test_what_others_changed_meanwhile_stays(path: Path, environ: dict[str, str]) -> None:
    with edit(path, environ=environ) as draft:
        set_secret(path, "theirs", "value", environ=environ, now=1)
        draft.file.write_text(draft.file.read_text().replace(f"db={VALUE}", "db=mine"), newline="")
        draft.save(now=60)
    assert contents(path, environ) == {"db": "mine", "pem": LINES, "theirs": "value"}


def test_the_same_secret_changed_by_two_is_a_conflict(path: Path, environ: dict[str, str]) -> None:
    with edit(path, environ=environ) as draft:
        set_secret(path, "db", "theirs", environ=environ, now=1)
        draft.file.write_text("db=mine\n")
        with pytest.raises(Conflict, match="changed by somebody else meanwhile"):
            draft.save(now=60)
    assert contents(path, environ)["db"] == "theirs"


def test_the_first_edit_makes_the_file(repository: Path, environ: dict[str, str]) -> None:
    with edit(repository / FILE, environ=environ) as draft:
        draft.file.write_text(f"db={VALUE}\n")
        draft.save(now=0)
    assert contents(repository / FILE, environ) == {"db": VALUE}


def test_what_a_killed_edit_left_is_removed_by_the_next(path: Path, environ: dict[str, str]) -> None:
    code = (
        "import sys; from pathlib import Path; from fairlead.engine.secrets import edit\n"
        "with edit(Path(sys.argv[1]), environ={'HOME': sys.argv[2]}) as draft:\n"
        "    print(draft.file, flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", code, str(path), environ["HOME"]]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        process.send_signal(signal.SIGKILL)
    assert left.exists()
    with edit(path, environ=environ):
        assert not left.parent.exists()
