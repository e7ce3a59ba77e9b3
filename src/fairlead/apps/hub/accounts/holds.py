"""What a request under way has reserved."""

from __future__ import annotations

from fairlead.apps.hub.accounts.keys import Account
from fairlead.apps.hub.accounts.slices import Slice

Needs = tuple[int, int, int, int]
"""Requests, tokens, nano-dollars, requests at once; by `limits.REQUESTS` and so on."""


class Hold:
    """Reserved until it is settled or released, once."""

    __slots__ = ("account", "id", "model", "needs", "open", "segment", "slices", "started")

    def __init__(self, id: str, account: Account, model: str, slices: list[Slice], needs: Needs, now: float) -> None:
        self.id = id
        """Of the request: unique among all processes, and its key in the ledger."""
        self.account = account
        self.model = model
        self.slices = slices
        self.needs = needs
        self.started = now
        self.segment = 0
        """Where in the spool it stands that this began."""
        self.open = True
