"""How another model's answer compares with the client's, as the stream of events tells it."""

from __future__ import annotations

import msgspec

from fairlead.apps.hub.serving.seams import Comparison
from fairlead.apps.hub.watching.outcomes import NANO


class Compared(msgspec.Struct, omit_defaults=True, gc=False):
    """One comparison. Times are seconds; what is empty or 0 is left out where it is written."""

    seq: int
    """Its number in this process, counted together with those of requests."""
    route: str
    to: str
    """Who answered the copy, as `provider/model`."""
    similarity: float | None = None
    """Of the words of both, 0 to 1."""
    same_finish: bool = False
    client_refused: bool = False
    shadow_refused: bool = False
    client_characters: int = 0
    shadow_characters: int = 0
    client_s: float = 0.0
    shadow_s: float = 0.0
    client_cost_usd: float = 0.0
    shadow_cost_usd: float = 0.0
    failure: str = ""
    """Why there is no answer to the copy."""


def compared(one: Comparison, seq: int) -> Compared:
    """Of a copy that was answered, or was not."""
    return Compared(
        seq, one.route, one.to, one.similarity, one.same_finish, one.client_refused, one.shadow_refused,
        one.client_characters, one.shadow_characters, one.client_s, one.shadow_s,
        one.client_cost_nano / NANO, one.shadow_cost_nano / NANO, one.failure or "",
    )  # fmt: skip
