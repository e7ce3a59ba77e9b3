"""One step of a release as the journal keeps it, and its form in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from fairlead.release.steps import Judge, Mirror, Observe, Outcome, RunHook, Shift, Start, Step, Stop
from fairlead.release.words import words

EntryState = Literal["begun", "done", "undone"]

KINDS: dict[str, type[Step]] = {
    "start": Start,
    "shift": Shift,
    "observe": Observe,
    "judge": Judge,
    "mirror": Mirror,
    "hook": RunHook,
    "stop": Stop,
}
NAMES = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """A step that was begun, and what became of it. One judgement stands for all services released together.

    `before` is what it changes, as it was when it was begun: version -> instances for a start or stop, version ->
    share in percent for a shift, or for a judgement the shares that it was made under. `at` is the moment of the last
    change of state, seconds since the epoch.
    """

    seq: int
    service: str
    step: Step
    state: EntryState
    at: float
    before: Mapping[str, float] = field(default_factory=dict)
    outcome: Outcome | None = None

    def to_json(self) -> dict[str, Any]:
        """As shown to a person; a judged step with its verdict, and why."""
        shown = {"seq": self.seq, "step": words(self.step, self.before), "state": self.state, "at": self.at}
        if isinstance(self.step, Judge) and self.outcome is not None:
            details = self.outcome.details
            shown |= {"verdict": self.outcome.verdict, "reason": details.get("reason") or details.get("why")}
        return shown

    def to_record(self) -> dict[str, Any]:
        """As kept: everything that a resume needs."""
        return {**asdict(self), "step": {"do": NAMES[type(self.step)], **asdict(self.step)}}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Entry:
        """What `to_record` made."""
        step = dict(record["step"])
        kind = KINDS[step.pop("do")]
        outcome = Outcome(**record["outcome"]) if record["outcome"] else None
        return cls(**{**record, "step": kind(**step), "outcome": outcome})
