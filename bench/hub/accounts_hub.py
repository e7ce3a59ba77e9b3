"""One hub of `exactness`, with the built-in prices."""

from __future__ import annotations

import logging

import uvloop

from fairlead.apps.hub.main import served, settings_of
from fairlead.apps.hub.money.prices import PriceTable
from fairlead.apps.hub.state import Hub


async def priced(hub: Hub) -> None:
    """Know what models cost."""
    hub.pricing = PriceTable.of().price


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    uvloop.run(served(settings_of(), join=(priced,)))
