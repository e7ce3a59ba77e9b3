"""What the ledger knows of a request: what serving tells (`Entry`), and the row that is kept (`Row`)."""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.apps.hub.calls import Usage

UNKNOWN = 0
"""The status of a request that a killed process had under way: a provider may have served it, nobody was answered."""

DAY_S = 86_400

LONGEST = 200
"""Characters of a model's name that are kept: a client chooses it."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """How a request ended."""

    provider: str
    target: str
    """The model as the provider names it."""
    status: int
    """As the client was told."""
    started: float
    """Seconds since 1970."""
    ended: float
    first: float | None = None
    """When the first token was there."""
    usage: Usage | None = None
    cost_nano: int = 0
    operation: str = "chat"
    cached: bool = False
    """Answered by the hub itself, from its cache: nobody was asked."""
    unpriced: bool = False
    """Something of it has no known price, and the cost is of the rest."""

    @property
    def tokens(self) -> int:
        """What counts against a limit of tokens: those that a model read or wrote."""
        if self.usage is None or self.cached or self.operation == "count":
            return 0
        return self.usage.input + self.usage.output


class Row(msgspec.Struct, array_like=True, gc=False):
    """An entry with who asked. The order of the fields is that of the columns, and of records on disk: only add."""

    id: str
    key: str
    digest: str
    """The first 12 digits of the key's hash."""
    team: str | None
    model: str
    """As the client names it."""
    provider: str
    target: str
    operation: str
    status: int
    started: float
    first: float | None
    ended: float
    input: int
    output: int
    cached: int
    written: int
    reasoning: int
    more: str | None
    """The rarer fields of the usage, as JSON: audio, images, units, tier, and `from_cache`, `unpriced`."""
    cost_nano: int
    estimated: bool
    day: int
    """Days since 1970 (UTC) at the start."""


COLUMNS = Row.__struct_fields__

_encode = msgspec.json.Encoder().encode
_NOTHING = Usage()


def tail(entry: Entry) -> bytes:
    """The fields of a row from `provider` on, as JSON, without the brackets."""
    usage = entry.usage or _NOTHING
    fields = (
        entry.provider, entry.target[:LONGEST], entry.operation, entry.status, entry.started, entry.first, entry.ended,
        usage.input, usage.output, usage.cached, usage.written, usage.reasoning,
        _more(usage, entry.cached, entry.unpriced), entry.cost_nano, usage.estimated, int(entry.started // DAY_S),
    )  # fmt: skip
    return _encode(fields)[1:-1]


def _more(usage: Usage, from_cache: bool, unpriced: bool) -> str | None:
    if not (
        from_cache or unpriced or usage.units or usage.tier or usage.written_hour
        or usage.audio_input or usage.audio_output or usage.image_input or usage.image_output
    ):  # fmt: skip
        return None
    fields: dict[str, Any] = {name: getattr(usage, name) for name in _RARE}
    fields = {name: value for name, value in fields.items() if value}
    marks = {"from_cache": from_cache, "unpriced": unpriced}
    return _encode(fields | {name: True for name, holds in marks.items() if holds}).decode()


_RARE = ("units", "tier", "written_hour", "audio_input", "audio_output", "image_input", "image_output")
