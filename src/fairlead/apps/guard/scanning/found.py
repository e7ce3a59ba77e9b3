"""What a scan finds and what it could not look through, in words that workers, lists and reports share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from fairlead.apps.guard.findings import Severity


class Unlooked(Exception):
    """Why a content could not be looked through, or not to its end."""


@dataclass(frozen=True, slots=True)
class Inline:
    """What stands beside a secret: that it may stand there, why, and until when."""

    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a content comes from. `path` may hold bytes that are no text (as `os.fsdecode` gives them)."""

    path: str
    commit: str = ""
    """That brought it; of a work tree there is none."""

    def inside(self, member: str) -> Place:
        """A member of an archive that stands here."""
        return Place(f"{self.path}!{member}", self.commit)


@dataclass(frozen=True, slots=True)
class Found:
    """A secret: where, what, and how it may be shown. Lines and columns count from 1, columns in characters."""

    place: Place
    line: int
    column: int
    end_line: int
    end_column: int
    rule: str
    kind: str
    severity: Severity
    confidence: float
    reasons: tuple[str, ...]
    redacted: str
    mark: str
    """A hash of the value for this process and its workers; reports show the fingerprint made of it."""
    through: tuple[str, ...] = ()
    """How it is encoded there, outermost first: `base64`, `hex`, `url`."""
    inline: Inline | None = None


@dataclass(frozen=True, slots=True)
class Unscanned:
    """A content, or a part of one, that was not looked through."""

    path: str
    reason: str
    commit: str = ""


@dataclass(slots=True)
class Harvest:
    """What came of a batch of contents."""

    found: list[Found] = field(default_factory=list)
    unscanned: list[Unscanned] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """What holds no text to look through: `binary files`, `symbolic links`, `sockets, pipes and devices`."""
    files: int = 0
    size_bytes: int = 0
    """That were looked through; of archives, what is in them."""

    def add(self, other: Harvest) -> None:
        """Takes in what came of another batch."""
        self.found += other.found
        self.unscanned += other.unscanned
        self.skipped += other.skipped
        self.files += other.files
        self.size_bytes += other.size_bytes
