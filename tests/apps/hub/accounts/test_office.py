"""The whole: offices that share a store."""

from __future__ import annotations

import asyncio

from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.accounts.usage import usage
from fairlead.apps.hub.calls import Failure

from .conftest import MakeOffice, declared, entry, obtained, until


async def test_a_settled_request_is_in_the_ledger(opens: MakeOffice) -> None:
    """With what it cost, and by whom."""
    office = await opens(declared({"usd": 1.0}))
    hold = await obtained(office, cost_nano=5)
    assert isinstance(hold, Hold)
    office.accounts.settle(hold, entry(3, read=10, written=2))
    await until(lambda: not office.health.backlog_bytes)
    [used] = await usage(office.store)
    assert (used.group, used.requests, used.cost_nano, used.input) == ({"key": "alice"}, 1, 3, 10)


async def test_a_limit_of_requests_is_exact_over_two_processes(opens: MakeOffice) -> None:
    """Ten an hour are ten, however they are spread."""
    one, other = [await opens(declared({"requests": "10/24h"})) for _ in range(2)]
    taken = 0
    for _ in range(60):
        for office in (one, other):
            outcome = await obtained(office)
            if isinstance(outcome, Hold):
                taken += 1
                office.accounts.settle(outcome, entry())
            else:
                assert isinstance(outcome, Failure)
                assert outcome.status == 429
                assert outcome.retry_after_s is not None
        await asyncio.sleep(0.05)
    assert taken == 10
