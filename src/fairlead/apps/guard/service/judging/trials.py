"""A trial of two versions: who judges which value, and what the figures say of it, at any time and as often as asked.

A value goes to the same side as long as a trial lasts, by its digest: a fair lot, and one count for each value however
often it comes. The figures are judged by e-values: for two rates, what a mixture over all pairs of rates (Jeffreys'
prior for each) makes of the data, divided by the best that one common rate could. That is at most an e-variable
under every common rate (universal inference: Wasserman, Ramdas, Balakrishnan, PNAS 2020), so that looking again and
again costs nothing (Ville's inequality): 20 or more happens by chance in at most 1 trial of 20.
"""

from __future__ import annotations

import hashlib
import math
from typing import Literal

from fairlead.apps.guard.service.words import Arm

ENOUGH = 20.0
"""An e-value from which a difference is believed: 1 / 0.05."""

Outcome = Literal["undecided", "better", "worse", "no difference seen"]


def of_candidate(trial: str, digest: str, share: float) -> bool:
    """Whether a value is the candidate's."""
    lot = hashlib.blake2b(f"{trial} {digest}".encode(), digest_size=8).digest()
    return int.from_bytes(lot, "big") < share * 2**64


def e_value(hits_a: int, all_a: int, hits_b: int, all_b: int) -> float:
    """How much speaks against both rates being one; 1 for nothing."""
    hits, misses = hits_a + hits_b, all_a + all_b - hits_a - hits_b
    one = _xlogy(hits, hits + misses) + _xlogy(misses, hits + misses)
    two = _mixed(hits_a, all_a - hits_a) + _mixed(hits_b, all_b - hits_b)
    return math.exp(min(two - one, 700.0))


def _xlogy(count: int, whole: int) -> float:
    return count * math.log(count / whole) if count else 0.0


def _mixed(hits: int, misses: int) -> float:
    """ln of the likelihood, mixed over all rates by Jeffreys' prior."""
    return math.lgamma(hits + 0.5) + math.lgamma(misses + 0.5) - math.lgamma(hits + misses + 1) - math.log(math.pi)


def judged(control: Arm, candidate: Arm, *, over: bool) -> tuple[Outcome, dict[str, float], list[str]]:
    """What the figures say: by labels, where there are enough; how often each side flags is told beside."""
    wrong = e_value(control.wrong, control.labelled, candidate.wrong, candidate.labelled)
    flags = e_value(control.flagged, control.values, candidate.flagged, candidate.values)
    reasons = [
        (
            f"wrong on {candidate.wrong} of {candidate.labelled} labelled values, the control on "
            f"{control.wrong} of {control.labelled}"
        ),
        f"flagged {candidate.flagged} of {candidate.values} values, the control {control.flagged} of {control.values}",
    ]
    evidence = {"wrong": round(wrong, 3), "flagged": round(flags, 3)}
    if flags >= ENOUGH:
        reasons.append("the two sides flag at different rates; only labels say which of them is right")
    if wrong >= ENOUGH:
        return ("better" if _rate(candidate) < _rate(control) else "worse"), evidence, reasons
    return ("no difference seen" if over else "undecided"), evidence, reasons


def _rate(arm: Arm) -> float:
    return arm.wrong / arm.labelled if arm.labelled else 0.0
