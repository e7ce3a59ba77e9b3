"""What a call costs by itself, before or without an answer; and who may not ask what has no price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fairlead.apps.hub.calls import Failure, Operation, Plain, Unsayable, Usage
from fairlead.apps.hub.shapes.openai_plain.usage import asked_for

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.flight import Flight

BY_THEMSELVES: frozenset[Operation] = frozenset({"speech", "image", "rerank"})
"""What is billed by what was asked, where no answer tells: words of a speech, images, searches of a reranking."""

UNPAID: frozenset[Operation] = frozenset({"count", "models", "moderation", "files"})
"""What nobody sends a bill for."""


def by_itself(flight: Flight) -> Usage | None:
    """What it is billed by; `None` for what can't be read."""
    try:
        call = flight.call()
    except Unsayable:  # whoever sends it on says so
        return None
    return asked_for(call) if isinstance(call, Plain) else None


def most_by_itself(flight: Flight) -> int:
    """Nano-dollars of that, with the dearest of those who may answer."""
    usage = by_itself(flight)
    return 0 if usage is None else flight.route.cost(usage, flight.asked.operation)


def priceless(model: str, unpriced: Sequence[str]) -> Failure:
    """A key that is limited in USD asks for what has no known price."""
    named = "" if model in unpriced else f" ({', '.join(unpriced[:3])})"
    message = (
        f"{model[:200]} has no known price{named}, and this key is limited in USD: an administrator has to give its"
        " price in the file that `prices` names, or to say `unpriced: allow`"
    )
    return Failure("forbidden", message, 403, code="model_not_priced", param="model")
