"""What is handed to workers: where contents come from, in few bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """A file of a disk."""

    path: str
    named: bool = False
    """By the user: a link is followed then."""
    plain: bool = False
    """Its folder says that it is a file and nothing else."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A content in a repository's store, by its hash."""

    repository: str
    hash: str
    path: str
    commit: str = ""
    before: str = ""
    """The blob that it replaces: what that one holds already is not new."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is there: the message of a commit."""

    content: bytes
    path: str
    commit: str = ""


Job = File | Blob | Text
