"""The record of a release: who released what, when, from what, with what outcome. Kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fairlead.release.entry import Entry
from fairlead.release.steps import Change

ReleaseKind = Literal["deploy", "rollback", "up"]

ReleaseState = Literal["running", "undoing", "succeeded", "taken back", "failed"]
"""`taken back`: all was undone and the version before serves. `failed`: there was none, or not all could be undone."""

OPEN: frozenset[ReleaseState] = frozenset({"running", "undoing"})


@dataclass(frozen=True, slots=True)
class Release:
    """One release of one service. Times are seconds since the epoch."""

    id: str
    service: str
    change: Change
    strategy: str
    kind: ReleaseKind
    who: str
    began: float
    state: ReleaseState = "running"
    ended: float | None = None
    reason: str | None = None
    steps: tuple[Entry, ...] = ()

    @property
    def open(self) -> bool:
        """Whether something is left to do, or to undo."""
        return self.state in OPEN

    @property
    def outcome(self) -> str:
        """What came of it, in a sentence."""
        return _OUTCOMES[self.state].format(new=self.change.new, old=self.change.old or "no version", why=self.reason)

    def to_json(self) -> dict[str, Any]:
        """As shown to a person; one that is being undone is still running, with its reason."""
        return {
            "id": self.id,
            "service": self.service,
            "from": self.change.old,
            "to": self.change.new,
            "strategy": self.strategy,
            "state": "running" if self.open else self.state,
            "who": self.who,
            "began": self.began,
            "ended": self.ended,
            "reason": self.reason,
            "kind": self.kind,
            "steps": [entry.to_json() for entry in self.steps],
        }

    def to_record(self) -> dict[str, Any]:
        """As kept, without its steps, which are kept one by one."""
        record = asdict(self)
        del record["steps"]
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any], steps: tuple[Entry, ...] = ()) -> Release:
        """What `to_record` made."""
        return cls(**{**record, "change": Change(**record["change"]), "steps": steps})


_OUTCOMES: dict[ReleaseState, str] = {
    "running": "{new} is on its way in",
    "undoing": "{new} is being taken back: {why}",
    "succeeded": "{new} serves all requests",
    "taken back": "{new} was taken back, {old} serves all requests: {why}",
    "failed": "{new} failed: {why}",
}
