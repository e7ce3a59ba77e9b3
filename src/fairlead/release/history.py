"""The record of a release: who released what, when, from what, with what outcome. Kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from fairlead.release.entry import Entry
from fairlead.release.steps import Change, Judge
from fairlead.release.words import of_service

ReleaseKind = Literal["deploy", "rollback", "up"]

ReleaseState = Literal["running", "undoing", "succeeded", "taken back", "failed"]
"""`taken back`: all was undone and the version before serves. `failed`: there was none, or not all could be undone."""

OPEN: frozenset[ReleaseState] = frozenset({"running", "undoing"})


@dataclass(frozen=True, slots=True)
class Release:
    """One release of one service, or of several as one. Times are seconds since the epoch.

    `service` leads, with its `change`; `others` are released together with it, in that order.
    """

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
    others: Mapping[str, Change] = field(default_factory=dict)
    paused: str | None = None
    """Who held it where it was when that was last written down ("alice@host")."""

    @property
    def unit(self) -> dict[str, Change]:
        """Every service that is released, with its change; the one that leads first."""
        return {self.service: self.change, **self.others}

    def seen_by(self, service: str) -> Release:
        """The same release as one of `service` alone, which is one of those released: for the history of that one."""
        return replace(self, service=service, change=self.unit[service], others={})

    @property
    def open(self) -> bool:
        """Whether something is left to do, or to undo."""
        return self.state in OPEN

    @property
    def outcome(self) -> str:
        """What came of it, in a sentence."""
        new = _with({service: change.new for service, change in self.unit.items()})
        old = _with({service: change.old or "no version" for service, change in self.unit.items()})
        return _OUTCOMES[self.state].format(new=new, old=old, why=self.reason)

    @property
    def verdict(self) -> dict[str, Any] | None:
        """The latest judgement, with the numbers it rests on."""
        judged = [entry.outcome for entry in self.steps if isinstance(entry.step, Judge) and entry.outcome]
        return {"verdict": judged[-1].verdict, **judged[-1].details} if judged else None

    def to_json(self) -> dict[str, Any]:
        """As shown to a person; one that is being undone is still running, with its reason."""
        return {
            "id": self.id,
            "service": self.service,
            "from": self.change.old,
            "to": self.change.new,
            "with": [{"service": name, "from": other.old, "to": other.new} for name, other in self.others.items()],
            "strategy": self.strategy,
            "state": "running" if self.open else self.state,
            "who": self.who,
            "began": self.began,
            "ended": self.ended,
            "reason": self.reason,
            "kind": self.kind,
            "steps": [self._step_to_json(entry) for entry in self.steps],
            **({"verdict": self.verdict} if self.verdict else {}),
            **({"paused": self.paused} if self.paused and self.open else {}),
        }

    def _step_to_json(self, entry: Entry) -> dict[str, Any]:
        shown = entry.to_json()
        return {**shown, "step": of_service(entry.service, shown["step"], {entry.service, *self.unit})}

    def to_record(self) -> dict[str, Any]:
        """As kept, without its steps, which are kept one by one."""
        record = asdict(self)
        del record["steps"]
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any], steps: tuple[Entry, ...] = ()) -> Release:
        """What `to_record` made."""
        others = {service: _change(kept) for service, kept in record.get("others", {}).items()}
        return cls(**{**record, "change": _change(record["change"]), "others": others, "steps": steps})


def _change(record: Mapping[str, Any]) -> Change:
    """A change as it was kept; one of an earlier Fairlead lacks the figures that came later."""
    change = Change(**record)
    return replace(change, canary_steps=tuple(change.canary_steps))


def _with(versions: Mapping[str, str]) -> str:
    """ "v2", or "v2 (with guard v3, market v2)"."""
    (_, lead), *others = versions.items()
    return f"{lead} (with {', '.join(f'{service} {version}' for service, version in others)})" if others else lead


_OUTCOMES: dict[ReleaseState, str] = {
    "running": "{new} is on its way in",
    "undoing": "{new} is being taken back: {why}",
    "succeeded": "{new} serves all requests",
    "taken back": "{new} was taken back, {old} serves all requests: {why}",
    "failed": "{new} failed: {why}",
}
