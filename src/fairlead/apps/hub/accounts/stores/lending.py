"""How a limit is divided among processes: pure, the same in every store (`redis` says it again in Lua).

Of every counter a store keeps for each process what it was granted and what it has spent; taken is the larger of the
two. The sum of what is taken never grows beyond the limit by lending. A process gets what it needs, and of the rest an
equal share, halved: big slices while there is plenty, single requests near the end.
"""

from __future__ import annotations

from typing import NamedTuple

from fairlead.apps.hub.accounts.stores import Answer, Statement


class Share(NamedTuple):
    """What one process has of a counter."""

    granted: int
    spent: int

    @property
    def taken(self) -> int:
        return max(self.granted, self.spent)


class Total(NamedTuple):
    """What all processes have of it."""

    taken: int
    spent: int


class Loan(NamedTuple):
    """What comes of a statement."""

    total: Total
    share: Share
    answer: Answer
    short: bool
    """Somebody waits, and there is not enough."""


def lend(total: Total, share: Share, statement: Statement, holders: int) -> Loan:
    """Take note of a statement, and lend what can be lent."""
    ceiling = statement.most - (total.taken - share.taken)
    granted = statement.keep
    if ceiling >= statement.floor:
        granted = max(granted, statement.floor + (ceiling - statement.floor) // (2 * holders))
    now = Share(granted, max(share.spent, statement.spent))
    total = Total(total.taken - share.taken + now.taken, total.spent - share.spent + now.spent)
    unspent = total.taken - now.taken > total.spent - now.spent
    return Loan(total, now, Answer(granted, ceiling, unspent), granted < statement.floor)


def closed(total: Total, share: Share, spent: int) -> tuple[Total, Share]:
    """The process is over: it has taken what it spent."""
    over = Share(max(share.spent, spent), max(share.spent, spent))
    return Total(total.taken - share.taken + over.taken, total.spent - share.spent + over.spent), over
