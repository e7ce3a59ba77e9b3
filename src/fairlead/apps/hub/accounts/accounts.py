"""Who may ask, and whether it can be paid: decided from memory alone, in a few microseconds.

What a request may use at most is taken from this process's slices before it begins (`reserve`), and what it has used
takes the place of that when it ends (`settle`). Both are written to the spool first. Slices are filled by `Leases`,
the spool is emptied by `Scribe`; neither is waited for here, except by `obtain` when a slice is empty.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from functools import partial

import msgspec

from fairlead.apps.hub.accounts import refusals
from fairlead.apps.hub.accounts.entries import Entry, tail
from fairlead.apps.hub.accounts.forms import Form, form_of
from fairlead.apps.hub.accounts.holds import Hold, Needs
from fairlead.apps.hub.accounts.keys import Account, Keyring
from fairlead.apps.hub.accounts.leases import Leases
from fairlead.apps.hub.accounts.refusals import Short
from fairlead.apps.hub.accounts.spool.spool import Spool
from fairlead.apps.hub.calls import Failure

_json = msgspec.json.Encoder().encode


class Accounts:
    """All of it is called by the thread of the event loop, and returns at once."""

    def __init__(self, keyring: Keyring, leases: Leases, spool: Spool) -> None:
        self.keyring = keyring
        self._leases = leases
        self._spool = spool
        self._numbers = itertools.count()
        self._under_way: dict[str, Hold] = {}

    def admit(self, secret: bytes) -> Account | Failure:
        """Whose key it is; `secret` is empty when the request has none."""
        return self.keyring.admit(secret, time.time())

    def reserve(self, account: Account, model: str, tokens: int, cost_nano: int, now: float) -> Hold | Failure:
        """Set aside what a request will use at most; `now` in seconds since 1970.

        The hold has to be settled or released, whatever happens. `Short` where more has to be lent first: `obtain`.
        """
        needs = (1, tokens or 1, cost_nano or 1, 1)
        form = account.forms.get(model)
        if form is None or now >= form.ends:
            form = form_of(account, model, now)
        for part in form.slices:
            if part.free < needs[part.measure]:
                failure = self._leases.lacking(form.slices, needs, now)
                return failure or self._begun(account, model, form, needs, now)
        return self._begun(account, model, form, needs, now)

    def obtain(
        self,
        account: Account,
        model: str,
        tokens: int,
        cost_nano: int,
        now: float,
        then: Callable[[Hold | Failure], None],
    ) -> None:
        """As `reserve`; told to `then`, at once unless something has to be lent first (a millisecond or two)."""
        outcome = self.reserve(account, model, tokens, cost_nano, now)
        if type(outcome) is Short:
            self._leases.wait(partial(self.obtain, account, model, tokens, cost_nano, now, then))
        else:
            then(outcome)

    def settle(self, hold: Hold, entry: Entry) -> None:
        """Charge what was used, and write it down; before the last byte of the answer is sent.

        From then on the request is in the ledger exactly once, whatever becomes of this process. A second call for the
        same hold does nothing.
        """
        if not hold.open:
            return
        hold.open = False
        del self._under_way[hold.id]
        used, needs, changed = (1, entry.tokens, entry.cost_nano, 0), hold.needs, self._leases.changed
        filled: list[bytes | int] = [hold.id.encode(), tail(entry)]
        for part in hold.form.slices:
            measure = part.measure
            spent = part.spent = part.spent + used[measure]
            part.free += needs[measure] - used[measure]
            changed.add(part)
            filled.append(spent)
        self._spool.append(hold.form.ended % tuple(filled))

    def release(self, hold: Hold) -> None:
        """Nothing was used: no provider was asked, or none can have been."""
        if not hold.open:
            return
        hold.open = False
        del self._under_way[hold.id]
        for part in hold.form.slices:
            part.free += hold.needs[part.measure]
        self._spool.append(b'["r","%b"]' % hold.id.encode())

    def carry(self, segment: int) -> None:
        """Write again that requests under way began, where the segment that says so is about to be deleted."""
        for hold in self._under_way.values():
            if hold.segment <= segment:
                self._write_begun(hold)

    @property
    def under_way(self) -> int:
        """Requests that are reserved, and not settled."""
        return len(self._under_way)

    def _begun(self, account: Account, model: str, form: Form, needs: Needs, now: float) -> Hold | Failure:
        if self._spool.full:
            return refusals.UNWRITTEN
        for part in form.slices:
            free = part.free = part.free - needs[part.measure]
            if free < part.low:
                self._leases.fill(part)
        hold = Hold(f"{self._spool.holder}-{next(self._numbers):x}", account, model, form, needs, now)
        self._under_way[hold.id] = hold
        self._write_begun(hold)
        return hold

    def _write_begun(self, hold: Hold) -> None:
        form, needs = hold.form, hold.needs
        held = [needs[measure] for measure in form.measures]
        self._spool.append(form.begun % (hold.id.encode(), _json(hold.started), *held))
        hold.segment = self._spool.current.number
