"""The judge's decision: promote, roll back, or hold, with all the numbers it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fairlead.release.judge.evidence import Evidence, weigh
from fairlead.release.judge.forecast import Needed, needed
from fairlead.release.judge.guard import broken
from fairlead.release.judge.state import State

Kind = Literal["promote", "roll back", "hold"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why`, in words, names the indicators; `needed` is there while it holds and more of the same would decide it."""

    kind: Kind
    why: str
    evidence: Mapping[str, Evidence]
    needed: Needed | None = None

    def to_json(self) -> dict[str, Any]:
        """As kept in the history and shown."""
        return {
            "verdict": self.kind,
            "why": self.why,
            "needed": self.needed.to_json() if self.needed else None,
            "evidence": {name: evidence.to_json() for name, evidence in self.evidence.items()},
        }


def verdict(state: State, *, forecast: bool = True) -> Verdict:
    """The decision that the evidence so far supports. The first that is not "hold" is final: the caller stops there.

    In this order: a hard break; an indicator that is worse; an indicator without evidence, which holds whatever the
    others say; all indicators within their margins; else hold. The forecast takes longer than all the rest.
    """
    evidence = {name: weigh(state.policy, name, seen.by_share, seen.silent) for name, seen in state.seen.items()}
    if why := broken(state.policy.guard, state.failing, state.share, state.crashes):
        return Verdict("roll back", why, evidence)
    if worse := [name for name, found in evidence.items() if found.is_worse]:
        return Verdict("roll back", f"worse in {', '.join(worse)}", evidence)
    more = needed(state) if forecast else None
    if silent := [f"{name} ({found.silent})" for name, found in evidence.items() if found.silent]:
        return Verdict("hold", f"no evidence from {', '.join(silent)}", evidence, more)
    if open_ := [name for name, found in evidence.items() if not found.is_within]:
        return Verdict("hold", f"not enough evidence yet on {', '.join(open_)}", evidence, more)
    return Verdict("promote", "within the margin in everything", evidence)
