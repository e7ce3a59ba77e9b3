"""A hub that kills itself amid its requests; run by `test_recovery` in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.apps.hub.accounts.conftest import declared, entry, obtained

from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.accounts.office import Office


async def main(folder: Path) -> None:
    """Thirty are answered, five are under way."""
    office = Office(declared({"usd": 1000e-9}), folder, store=f"sqlite:{folder / 'hub.db'}")
    await office.begin()
    holds: list[Hold] = []
    while len(holds) < 35:
        if isinstance(hold := await obtained(office, cost_nano=10), Hold):
            holds.append(hold)
    for hold in holds[:30]:
        office.accounts.settle(hold, entry(7))
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
