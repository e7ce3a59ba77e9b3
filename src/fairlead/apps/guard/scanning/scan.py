"""A whole scan: what there is, looked through by workers, without what is known or allowed; told once each."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from fairlead.apps.guard.scanning import allowances, baseline, git, walking
from fairlead.apps.guard.scanning.allowances import Allowances
from fairlead.apps.guard.scanning.fingerprints import Fingerprints
from fairlead.apps.guard.scanning.found import Found, Harvest, Place, Unscanned
from fairlead.apps.guard.scanning.jobs import Job
from fairlead.apps.guard.scanning.worker import Setting, Worker
from fairlead.apps.guard.scanning.workers import harvests

STDIN = "-"
STDIN_PATH = "<stdin>"
KEY = "FAIRLEAD_GUARD_KEY"
"""The variable with the key of fingerprints."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be looked through, and how."""

    paths: tuple[str, ...] = ()
    history: bool = False
    commits: str | None = None
    """A range such as `main..`; None: all that any branch or tag leads to."""
    staged: bool = False
    everything: bool = False
    """Also what git ignores."""
    baseline: Path | None = None
    workers: int | None = None
    setting: Setting = field(default_factory=Setting)

    @property
    def folder(self) -> str:
        """Where the project's own list is looked for, and the repository."""
        first = self.paths[0] if self.paths and self.paths[0] != STDIN else "."
        return first if os.path.isdir(first) else os.path.dirname(first) or "."  # noqa: PTH112, PTH120 - may be no text


@dataclass(frozen=True, slots=True)
class Telling:
    """A secret as it is told: with its fingerprint, what allowed it until now, and in how many versions it stands."""

    found: Found
    fingerprint: str
    expired: str = ""
    times: int = 1


@dataclass(slots=True)
class Report:
    """What came of a scan."""

    findings: list[Telling] = field(default_factory=list)
    unscanned: list[Unscanned] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    known: int = 0
    """That the baseline has."""
    allowed: int = 0
    files: int = 0
    size_bytes: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    """Of lists: an entry that has expired, an allowance without a reason."""


Progress = Callable[[Report], None]


def scan(asked: Asked, today: date, progress: Progress = lambda report: None) -> Report:
    """All of it. Raises `UsageError` for a baseline and `AllowancesError` for a list that can't be read,
    `NoRepository` and `BinaryMissing` for a history."""
    began = time.monotonic()
    sieve = Sieve.of(asked, today)
    for harvest in _harvests(asked):
        sieve.take(harvest)
        progress(sieve.report)
    sieve.report.seconds = time.monotonic() - began
    return sieve.report


def _harvests(asked: Asked) -> Iterator[Harvest]:
    if STDIN in asked.paths:
        yield _of_stdin(asked.setting)
    yield from harvests(_jobs(asked), asked.setting, asked.workers)


def _of_stdin(setting: Setting) -> Harvest:
    worker, harvest = Worker(setting), Harvest()
    worker.stream(sys.stdin.buffer.read, Place(STDIN_PATH), harvest)
    return harvest


def _jobs(asked: Asked) -> Iterable[Job | Unscanned]:
    if asked.staged:
        return git.staged(asked.folder)
    if asked.history:
        return git.history(asked.folder, asked.commits)
    return walking.files([path for path in asked.paths if path != STDIN], everything=asked.everything)


class Sieve:
    """Takes in what was found, and keeps what has to be told."""

    def __init__(self, allowed: Allowances, known: frozenset[str], prints: Fingerprints, today: date) -> None:
        self.report = Report()
        self._allowed = allowed
        self._known = known
        self._prints = prints
        self._today = today
        self._seen: dict[tuple[str, str], int] = {}

    @classmethod
    def of(cls, asked: Asked, today: date) -> Sieve:
        """With the lists that are there."""
        allowed = allowances.found(asked.folder)
        known = baseline.read(asked.baseline) if asked.baseline is not None else frozenset[str]()
        return cls(allowed, known, Fingerprints(os.environ.get(KEY) or allowed.key), today)

    def take(self, harvest: Harvest) -> None:
        """What came of a batch."""
        report = self.report
        report.unscanned += harvest.unscanned
        report.skipped += harvest.skipped
        report.files += harvest.files
        report.size_bytes += harvest.size_bytes
        for found in harvest.found:
            self._one(found)

    def _one(self, found: Found) -> None:
        fingerprint = self._prints.of(found.mark)
        if fingerprint in self._known:
            self.report.known += 1
            return
        expired = self._expired(found, fingerprint)
        if expired is None:
            self.report.allowed += 1
        elif found.place.commit:
            self._of_history(Telling(found, fingerprint, expired))
        else:
            self.report.findings.append(Telling(found, fingerprint, expired))

    def _of_history(self, telling: Telling) -> None:
        """A secret stands in each version of a file: it is told with the commit that brought it."""
        where = (telling.found.place.path, telling.fingerprint)
        at = self._seen.setdefault(where, len(self.report.findings))
        if at == len(self.report.findings):
            self.report.findings.append(telling)
        else:
            first = self.report.findings[at]
            self.report.findings[at] = Telling(first.found, first.fingerprint, first.expired, first.times + 1)

    def _expired(self, found: Found, fingerprint: str) -> str | None:
        """None for what is allowed; else why it no longer is, or nothing."""
        why = ""
        if found.inline is not None:
            if not found.inline.reason:
                why = "the allowance beside it has no reason: `fairlead: allow secret -- why`"
            elif found.inline.until is None or self._today <= found.inline.until:
                return None
            else:
                why = f"the allowance beside it ended on {found.inline.until}"
        path = self._allowed.relative(found.place.path)
        for entry in self._allowed.entries:
            if entry.covers(path, found.rule, fingerprint):
                if not entry.expired(self._today):
                    return None
                why = f"{allowances.NAME}: {entry} ended on {entry.until}"
        return why
