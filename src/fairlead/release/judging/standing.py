"""Where the judgement of a release stands: a fold over everything that was seen, and nothing else.

No clock comes in: how long a share has been held, and the whole judgement gone on, is told by what was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from fairlead.release.judge import Batch, Counts, Policy, State, begin, update
from fairlead.release.judging.burning import Window
from fairlead.release.judging.observation import Observation, Sight
from fairlead.release.judging.unanswered import Run


@dataclass(frozen=True, slots=True)
class Case:
    """One service: what its judge remembers, and what the judge does not look at.

    `held`: share -> seconds under it. `requests`: how many the stable version and the canary have answered, those that
    don't count included. `frozen`: bounds by indicator.
    """

    state: State
    held: Mapping[float, float] = field(default_factory=dict)
    requests: tuple[float, float] = (0.0, 0.0)
    run: Run = field(default_factory=Run)
    window: Window = field(default_factory=Window)
    frozen: Mapping[str, float] = field(default_factory=dict)
    mirrored: bool = False

    @property
    def held_s(self) -> float:
        """How long the present share has been held, times before an interruption included."""
        return self.held.get(self.state.share, 0.0) if self.state.share is not None else 0.0

    @property
    def answered(self) -> float:
        """Units of the canary that count, under the present share."""
        watched = self.state.seen.get(self.state.policy.guard.failing or "")
        return sum(sums.total_canary for share, sums in watched.by_share if share == self.state.share) if watched else 0


@dataclass(frozen=True, slots=True)
class Standing:
    """All services of the release, the one that leads first; `seconds` is how long they have been under judgement."""

    cases: Mapping[str, Case]
    seconds: float = 0.0


def begun(policies: Mapping[str, Policy]) -> Standing:
    """Before anything was seen."""
    return Standing({service: Case(begin(policy)) for service, policy in policies.items()})


def after(standing: Standing, observation: Observation) -> Standing:
    """After one more look."""
    cases = {
        service: _after(case, observation[service]) if service in observation else case
        for service, case in standing.cases.items()
    }
    took = max((sight.batch.seconds for sight in observation.values()), default=0.0)
    return Standing(cases, standing.seconds + took)


def replayed(policies: Mapping[str, Policy], observations: Iterable[Observation]) -> Standing:
    """Where those looks lead."""
    return reduce(after, observations, begun(policies))


def _after(case: Case, sight: Sight) -> Case:
    if case.mirrored != sight.mirrored:
        # what copies tell is no evidence on requests: only some are copied
        case = Case(begin(case.state.policy), window=case.window, frozen=case.frozen, requests=case.requests)
    batch = replace(sight.batch, seen={name: seen for name, seen in sight.batch.seen.items() if _known(case, name)})
    answers = batch.seen.get("errors")
    counts = answers if isinstance(answers, Counts) and not answers.fault() else None
    state = _explained(update(case.state, batch), sight)
    warm = case.state.share == batch.share and case.state.held_s >= state.policy.warm_up_s
    return Case(
        state=state,
        held=_held(case.held, batch),
        requests=(case.requests[0] + counts.total_stable, case.requests[1] + counts.total_canary)
        if counts
        else case.requests,
        run=case.run.after(batch.share if warm else None, batch.seconds, counts),
        window=case.window.after(batch.seconds, sight.whole),
        frozen={**sight.frozen, **case.frozen},
        mirrored=sight.mirrored,
    )


def _known(case: Case, name: str) -> bool:
    """Whether the policy judges it: another one than it was seen under may not."""
    return name in case.state.policy.indicators


def _held(held: Mapping[float, float], batch: Batch) -> Mapping[float, float]:
    if batch.share is None:
        return held
    return {**held, batch.share: held.get(batch.share, 0.0) + batch.seconds}


def _explained(state: State, sight: Sight) -> State:
    """With the source's own word for why it tells nothing."""
    seen = {
        name: replace(found, silent=sight.why[name]) if found.silent and name in sight.why else found
        for name, found in state.seen.items()
    }
    return replace(state, seen=seen)
