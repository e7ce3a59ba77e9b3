"""The ledger keeps what it is told to keep."""

from __future__ import annotations

import time

from tests.apps.hub.accounts.test_usage import row

from fairlead.apps.hub.accounts.entries import DAY_S, Row
from fairlead.apps.hub.accounts.pruning import STEP, Pruning
from fairlead.apps.hub.accounts.stores import opening
from fairlead.apps.hub.accounts.usage import requests
from fairlead.kit.clock import FakeClock

from .conftest import MakeOffice, declared


async def test_it_goes_on_until_nothing_is_left_that_is_too_old() -> None:
    """In steps, and then it has nothing to do; told to keep everything, it deletes nothing."""
    store, clock = opening.store("sqlite::memory:"), FakeClock()
    await store.begin()
    old = [began(f"old-{number}", clock.wall() - 91 * DAY_S) for number in range(2 * STEP + 5)]
    await store.write([*old, began("young", clock.wall() - 89 * DAY_S)])
    assert not await Pruning(store, 0, clock).step()
    pruning = Pruning(store, 90 * DAY_S, clock)
    for more, left in ((True, STEP + 6), (True, 6), (False, 1), (False, 1)):
        assert await pruning.step() is more
        assert len(await requests(store, most=5 * STEP)) == left
    await store.end()


async def test_a_store_that_is_away_is_asked_again_later() -> None:
    """As if there were nothing to delete."""
    assert not await Pruning(opening.store("sqlite::memory:"), 1).step()


async def test_a_hub_keeps_as_much_as_its_configuration_says(opens: MakeOffice) -> None:
    """From its start on."""
    first = await opens(declared(ledger_keep="0s"))
    await first.store.write([began("old", time.time() - 8 * DAY_S), began("young", time.time())])
    second = await opens(declared(ledger_keep="7d"))
    kept: list[str] = []
    while kept != ["young"]:
        kept = [one.id for one in await requests(second.store)]


def began(id: str, started: float) -> Row:
    """A request of that moment."""
    made = row(id)
    made.started = made.ended = started
    made.day = int(started // DAY_S)
    return made
