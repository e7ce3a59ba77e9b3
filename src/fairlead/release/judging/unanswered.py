"""A version that answers nothing at all: the one failure that leaves no bad event to count.

While the canary holds the share f, and takes about as long as the stable version, each answer is the stable version's
with probability 1 - f. So the chance that n of them in a row are is (1 - f)^n. It may be slower: of an answer of the
stable version that came `t` after the run began, the canary's counterpart is missed only after 3 t and 10 s more, for
it can't have taken the stable version longer than t if it began in this run, as the first of a share all do.
Every answer of the canary begins a new run; what is allowed to chance is spread over them as 1/k².
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log, log1p

from fairlead.release.judge import Counts

CHANCE = 1e-5
"""Probability of finding a version silent, in a whole release, that is not (times 1.65)."""

SLOWER, PATIENCE_S = 3.0, 10.0
"""How much slower than the stable version a version is waited for."""


@dataclass(frozen=True, slots=True)
class Run:
    """Answers of the stable version since the latest one of the canary: (seconds after it, number of them)."""

    share: float | None = None
    seconds: float = 0.0
    stable: tuple[tuple[float, float], ...] = ()
    before: float = 0.0
    """How many runs there were."""

    def after(self, share: float | None, seconds: float, answers: Counts | None) -> Run:
        """With one more batch; what can't be known, or belongs to another share, begins anew."""
        if share is None or share != self.share or answers is None:
            return Run(share, before=self.before)
        if answers.total_canary > 0:
            return Run(share, before=self.before + answers.total_canary)
        now = self.seconds + seconds
        came = ((now, answers.total_stable),) if answers.total_stable else ()
        return replace(self, seconds=now, stable=self.stable + came)

    def missed(self) -> float | None:
        """About how many requests the canary has left without an answer; `None` while that may be chance."""
        if self.share is None or not 0 < self.share < 1:
            return None
        waited = (self.seconds - PATIENCE_S) / SLOWER
        answered = sum(count for at, count in self.stable if at <= waited)
        if -answered * log1p(-self.share) < log(1 / CHANCE) + 2 * log(1 + self.before):
            return None
        return answered * self.share / (1 - self.share)
