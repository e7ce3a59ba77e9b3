"""One daemon for each stack."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fairlead.engine.lock import OwnerLock, holder
from fairlead.errors import LockHeld, StateError


def test_a_second_owner_is_refused_and_told_who_the_first_is(tmp_path: Path) -> None:
    """The message names the process, so that a person can look at it."""
    first, second = OwnerLock(tmp_path / "lock"), OwnerLock(tmp_path / "lock")
    first.take(file="fairlead.yaml")

    with pytest.raises(LockHeld, match=f"process {os.getpid()}"):
        second.take()
    assert holder(tmp_path / "lock")["file"] == "fairlead.yaml"


def test_the_kernel_frees_the_lock_of_a_dead_owner(tmp_path: Path) -> None:
    """Whatever is left in the file, a lock that nobody holds can be taken."""
    child = os.fork()
    if child == 0:
        OwnerLock(tmp_path / "lock").take()
        os._exit(0)
    os.waitpid(child, 0)

    assert holder(tmp_path / "lock") == {}
    OwnerLock(tmp_path / "lock").take()


def test_a_lock_that_was_freed_can_be_taken_again(tmp_path: Path) -> None:
    """Freeing twice does no harm."""
    lock = OwnerLock(tmp_path / "lock")
    lock.take()
    lock.free()
    lock.free()
    lock.take()


def test_a_folder_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    """No traceback."""
    with pytest.raises(StateError, match="can't be opened"):
        OwnerLock(tmp_path / "nowhere" / "lock").take()
