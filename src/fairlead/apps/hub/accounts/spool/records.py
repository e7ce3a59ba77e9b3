"""The three records of a request, as JSON: it began, it ended, it used nothing.

What a counter has been charged stands in `Ended` as its sum so far in this process and not as an increment, so that a
record can be read any number of times, and the last one of a counter is all that a recovery needs.
"""

from __future__ import annotations

import msgspec

from fairlead.apps.hub.accounts.entries import Row


class Begun(msgspec.Struct, tag="b", array_like=True, gc=False):
    """A provider is about to be asked. `held`: counter -> what is reserved of it."""

    id: str
    started: float
    model: str
    key: str
    digest: str
    team: str | None
    held: dict[str, int]


class Ended(msgspec.Struct, tag="e", array_like=True, gc=False):
    """The answer is about to be complete. `spent`: counter -> its sum, this request's share included."""

    row: Row
    spent: dict[str, int]


class Released(msgspec.Struct, tag="r", array_like=True, gc=False):
    """Nothing was used."""

    id: str


Record = Begun | Ended | Released

decode = msgspec.json.Decoder(Record).decode
encode = msgspec.json.Encoder().encode

ENDED = b'["e",'
"""How the records begin that the ledger gets."""
