"""A release under way: its record, written to the book with every change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fairlead.kit.clock import Clock
from fairlead.release.book import Book
from fairlead.release.entry import Entry
from fairlead.release.history import OPEN, Release, ReleaseState
from fairlead.release.steps import Outcome, Step


class Course:
    """What has been begun, done and undone so far."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self.release = book.read()
        self._entries = {entry.seq: entry for entry in self.release.steps}

    @property
    def entries(self) -> list[Entry]:
        """Every step that was begun, in order."""
        return [self._entries[seq] for seq in sorted(self._entries)]

    def entry(self, seq: int) -> Entry | None:
        """What the book says of one step."""
        return self._entries.get(seq)

    def begin(self, seq: int, service: str, step: Step, before: Mapping[str, float]) -> Entry:
        """Write down that a step is about to be done, and what it will change."""
        return self._write(Entry(seq, service, step, "begun", self._clock.wall(), before))

    def done(self, entry: Entry, outcome: Outcome) -> Entry:
        """Write down what came of a step."""
        return self._write(replace(entry, state="done", at=self._clock.wall(), outcome=outcome))

    def undone(self, entry: Entry) -> Entry:
        """Write down that things are as a step found them."""
        return self._write(replace(entry, state="undone", at=self._clock.wall()))

    def turn(self, state: ReleaseState, reason: str | None) -> Release:
        """Write down where the release stands; a state that is not open ends it."""
        ended = None if state in OPEN else self._clock.wall()
        release = replace(self.release, state=state, reason=reason, ended=ended, steps=tuple(self.entries))
        self._book.save(release)
        self.release = release
        return release

    def _write(self, entry: Entry) -> Entry:
        self._book.write(entry)
        self._entries[entry.seq] = entry
        return entry
