"""Puts the copying of prompts into a hub."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from fairlead.apps.hub.accounts.usage import usage
from fairlead.apps.hub.shadowing.errands import ACCOUNT, Errands
from fairlead.apps.hub.shadowing.figures import Sums
from fairlead.apps.hub.shadowing.gate import ShadowGate
from fairlead.apps.hub.state import Hub


async def shadowed(hub: Hub) -> None:
    """Copy what the configuration says, now and after it has changed."""
    joined(hub)


def joined(hub: Hub) -> Errands:
    """Before the cache, whose answers cost nothing and are not compared, and behind the guard, which joins later."""

    async def spent() -> Mapping[str, int]:
        midnight = datetime.fromtimestamp(hub.desk.wall(), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        sums = await usage(hub.office.store, ("model",), since=midnight, only={"key": ACCOUNT})
        return {str(one.group["model"]): one.cost_nano for one in sums}

    errands = Errands(hub.desk, spent)
    sums = Sums(errands)
    hub.desk.gates = (ShadowGate(errands.whole), *hub.desk.gates)
    hub.desk.compared = (*hub.desk.compared, sums.add)
    hub.figures.append(sums.figures)
    hub.endings.append(errands.end)
    return errands
