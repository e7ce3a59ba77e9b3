"""Why a request is refused, in words and numbers: which limit, what is left of it, when to try again."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from fairlead.apps.hub.accounts.limits import MEASURES, MONEY, NANO
from fairlead.apps.hub.accounts.slices import Slice
from fairlead.apps.hub.calls import Failure, FailureKind

SOON_S = 1.0
"""When what others have, but have not spent, is worth another try."""


@dataclass(frozen=True, slots=True)
class Short(Failure):
    """This process has nothing left of what it was lent, the store may have more: ask with `obtain`, which waits."""


def refused(part: Slice, need: int, now: float) -> Failure:
    """The budget is used up, or all of it is in use; `now` in seconds since 1970."""
    rule = part.rule
    if need > rule.most:
        return Failure(_kind(part), f"needs {amount(part, need)}, the limit is {_limit(part)}", 429, rule.counter)
    message = f"over the limit of {_limit(part)}: {amount(part, part.remaining)} left, needs {amount(part, need)}"
    return Failure(_kind(part), message, 429, rule.counter, retry_after_s=_when(part, need, now))


def away(part: Slice, now: float) -> Failure:
    """What was lent is used up, and the store that could lend more does not answer."""
    message = f"the limit of {_limit(part)} can't be checked: the store of budgets is away"
    return Failure("overloaded", message, 503, code="budget_store_away", retry_after_s=min(SOON_S, part.ends - now))


def short(part: Slice, need: int) -> Failure:
    """More has to be lent first."""
    message = f"nothing is at hand of the limit of {_limit(part)} for {amount(part, need)}"
    return Short("overloaded", message, 503, code="budget_at_hand", retry_after_s=SOON_S)


UNWRITTEN = Failure(
    "overloaded", "the ledger can't be written: no request is begun that could get lost", 503,
    code="ledger_full", retry_after_s=5.0,
)  # fmt: skip


def amount(part: Slice, count: int) -> str:
    """`$0.25`, `1200 tokens`."""
    if part.measure == MONEY:
        return f"${count / NANO:.9f}".rstrip("0").rstrip(".")
    return f"{count} {MEASURES[part.measure]}"


def _limit(part: Slice) -> str:
    return f"{amount(part, part.rule.most)} of {_scope(part)}"


def _scope(part: Slice) -> str:
    rule = part.rule
    scope, name, *_ = rule.counter.split("|")
    of = f" for {rule.model}" if rule.model else ""
    return f"the {scope} {name}{of}{_per(rule.window.name)}"


def _per(window: str) -> str:
    return {"now": " at once", "ever": ""}.get(window, f" per {window}")


def _kind(part: Slice) -> FailureKind:
    return "over budget" if part.measure == MONEY else "rate limited"


def _when(part: Slice, need: int, now: float) -> float | None:
    if part.unspent_elsewhere or part.held >= need:
        return SOON_S
    return max(0.0, part.ends - now) if part.ends != inf else None
