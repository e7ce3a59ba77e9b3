"""Whether a canary is as good as the stable version: counts in, verdict out, with error rates that hold at any look.

    state = begin(Policy(indicators={"errors": EventMargin(2.0), "cost": MeanMargin(1.15)}))
    state = update(state, Batch(share=0.25, seconds=5, seen={"errors": Counts(3, 1, 75, 25), "cost": None}))
    verdict(state).kind      # "promote", "roll back" or "hold"

Pure: no clock, no socket, no randomness; a `State` is a small frozen value that can be journalled and replayed.

What it promises, per release and however often one looks: a version that is not worse in anything is taken back with
probability `alpha` at most; one that is worse than the margin in anything is promoted with probability `beta` at most,
also while an incident of a provider hits both versions. It rests on these:

- Units (requests; sessions when sticky) are assigned at random, the canary getting `share` of them.
- **The unit that is counted is the unit that was assigned.** One bad user makes many bad requests; counted per request
  while assigned per session, they look like independent evidence, which took back 54 % of good releases in a
  simulation. Where all units together do not split as assigned the judge notices and holds; a few clumps of bad ones
  it can't tell from a bad version.
- Thresholds that make a unit bad (the stable version's p95) are frozen before the canary starts.
- What hits both versions alike is invisible here, by design: absolute objectives are watched elsewhere.

Sources: Lindon, Sanden, Shirikian, Liu, Mishra, Tingley 2022 (arXiv:2205.14762) for counts, split checks and the
mixture; Howard, Ramdas, McAuliffe, Sekhon 2021 (arXiv:1810.08240) and Ramdas, Grünwald, Vovk, Shafer 2023
(arXiv:2210.01948) for e-processes; Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024 (arXiv:2103.06476) for means.
"""

from fairlead.release.judge.batch import Batch, Counts, Moments, Observed, Values
from fairlead.release.judge.counter import Counter, Counters
from fairlead.release.judge.evidence import Evidence
from fairlead.release.judge.forecast import Needed, Usual, expected
from fairlead.release.judge.policy import EventMargin, Guard, MeanMargin, Policy
from fairlead.release.judge.quantile import frozen_bound
from fairlead.release.judge.state import State, begin, update
from fairlead.release.judge.verdict import Verdict, verdict

__all__ = [
    "Batch",
    "Counter",
    "Counters",
    "Counts",
    "EventMargin",
    "Evidence",
    "Guard",
    "MeanMargin",
    "Moments",
    "Needed",
    "Observed",
    "Policy",
    "State",
    "Usual",
    "Values",
    "Verdict",
    "begin",
    "expected",
    "frozen_bound",
    "update",
    "verdict",
]
