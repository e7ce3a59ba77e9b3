"""What a judgement answers: a pure decision on the verdict, what a person said, the deadline, and the pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fairlead.kit.quantity import format_duration
from fairlead.release.judge import Verdict
from fairlead.release.judging.standing import Case, Standing
from fairlead.release.judging.verdicts import figures
from fairlead.release.steps import Judge, Outcome

LEANING = 3.0
"""E-value for "worse" from which no more requests are put at stake: short of proof, more than chance often does."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that an answer depends on. `burning`: promises broken by both versions together, in words."""

    step: Judge
    standing: Standing
    found: Verdict
    deadline_s: float
    at_deadline: Literal["hold", "roll back", "ask"]
    paused: str | None = None
    promoted: str | None = None
    burning: Sequence[str] = ()

    @property
    def overdue(self) -> bool:
        """Whether there should have been a verdict."""
        return self.standing.seconds >= self.deadline_s

    @property
    def mirrored(self) -> bool:
        """Whether what is judged are copies, which promote nothing."""
        return any(case.mirrored for case in self.standing.cases.values())


def answer(now: Situation) -> Outcome | None:
    """What the release does next; `None`: it goes on being judged where it is."""
    if now.found.kind == "roll back":
        return Outcome("roll back", _details(now, now.found.why))
    if now.promoted:
        return Outcome("promote", _details(now, f"promoted by {now.promoted}"))
    if now.paused:
        return None
    if now.overdue and now.at_deadline == "roll back":
        return Outcome("roll back", _details(now, f"no verdict within {format_duration(now.deadline_s)}"))
    if now.burning or (now.overdue and now.at_deadline == "ask"):
        return None
    if now.found.kind == "promote" and not now.mirrored:
        return Outcome("promote", _details(now, now.found.why))
    if now.overdue or waits_for(now):
        return None
    return Outcome("done", _details(now, "nothing speaks against it"))


def waits_for(now: Situation) -> str | None:
    """What the next share waits for, in words; `None` when it may come."""
    if now.step.last:
        return "the verdict"
    if silent := [name for name, evidence in now.found.evidence.items() if evidence.silent]:
        return f"{', '.join(silent)} to be told"
    if leaning := [name for name, evidence in now.found.evidence.items() if evidence.worse >= LEANING]:
        return f"{', '.join(leaning)}, which may be worse"
    left = max(now.step.pace_s - case.held_s for case in now.standing.cases.values())
    if left > 0:
        return f"the pace: {left:.0f} s"
    if any(_hardly_seen(case) for case in now.standing.cases.values()):
        return "answers of the new version"
    return None


def _hardly_seen(case: Case) -> bool:
    return case.state.share is None or case.answered < case.state.policy.guard.least


def _details(now: Situation, reason: str) -> Mapping[str, Any]:
    return {"reason": reason, **figures(now.standing, now.found)}
