"""What a request under way has reserved."""

from __future__ import annotations

from fairlead.apps.hub.accounts.forms import Form
from fairlead.apps.hub.accounts.keys import Account

Needs = tuple[int, int, int, int]
"""Requests, tokens, nano-dollars, requests at once; by `limits.REQUESTS` and so on."""


class Hold:
    """Reserved until it is settled or released, once."""

    __slots__ = ("account", "form", "id", "model", "needs", "open", "segment", "started")

    def __init__(self, id: str, account: Account, model: str, form: Form, needs: Needs, now: float) -> None:
        self.id = id
        """Of the request: unique among all processes, and its key in the ledger."""
        self.account = account
        self.model = model
        self.form = form
        """Of its records, with the slices that it is reserved of."""
        self.needs = needs
        self.started = now
        self.segment = 0
        """Where in the spool it stands that this began."""
        self.open = True
