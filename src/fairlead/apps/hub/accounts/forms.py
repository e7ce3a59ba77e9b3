"""What the records of a key's requests for a model have in common, written once and filled in for each.

It holds the slices of the moment, so it is made anew when the first of their windows is over.
"""

from __future__ import annotations

from math import inf

import msgspec

from fairlead.apps.hub.accounts import telling
from fairlead.apps.hub.accounts.entries import LONGEST
from fairlead.apps.hub.accounts.keys import Account
from fairlead.apps.hub.accounts.slices import Slice

MOST = 100
"""Models of one account whose forms are kept: clients choose the names."""

_json = msgspec.json.Encoder().encode


class Form:
    """Of one account and one model."""

    __slots__ = ("begun", "ended", "ends", "measures", "slices", "told")

    def __init__(self, account: Account, model: str, now: float) -> None:
        meters = account.of_model.get(model, account.meters)
        self.told = telling.told(meters)
        """Those of its limits that clients are told of."""
        self.slices: tuple[Slice, ...] = tuple(
            meter.roll(now) if now >= meter.slice.ends else meter.slice for meter in meters
        )
        self.measures = tuple(part.measure for part in self.slices)
        self.ends = min((part.ends for part in self.slices), default=inf)
        """Seconds since 1970."""
        name = _json(model[:LONGEST])
        labels = [part.label for part in self.slices]
        self.begun = _form(b'["b","\0",\0,%b,%b,{%b}]' % (name, account.label, _counted(labels)))
        """To be filled in: id, start, and what is reserved of each slice."""
        self.ended = _form(b'["e",["\0",%b,%b,\0],{%b}]' % (account.label, name, _counted(labels)))
        """To be filled in: id, the rest of the row, and what was spent of each slice."""


def form_of(account: Account, model: str, now: float) -> Form:
    """The one that holds now."""
    form = account.forms.get(model)
    if form is None or now >= form.ends:
        if len(account.forms) >= MOST:
            account.forms.clear()
        form = account.forms[model] = Form(account, model, now)
    return form


def _counted(labels: list[bytes]) -> bytes:
    return b",".join(b"%b:\1" % label for label in labels)


def _form(written: bytes) -> bytes:
    """Names may have the sign in them by which places are marked; JSON has no bytes below a blank."""
    return written.replace(b"%", b"%%").replace(b"\0", b"%b").replace(b"\1", b"%d")
