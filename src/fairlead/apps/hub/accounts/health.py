"""How the accounts are, in figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """Now. Times are seconds since 1970."""

    backlog_bytes: int
    """Records that the ledger's store has not got."""
    spool_problem: str | None
    """Why they are in memory only."""
    full: bool
    """No request is begun any more, since it could get lost."""
    ledger_away_since: float | None
    budgets_away_since: float | None
    under_way: int
    """Requests that are reserved, and not settled."""

    @property
    def well(self) -> bool:
        return not (self.full or self.spool_problem or self.ledger_away_since or self.budgets_away_since)
