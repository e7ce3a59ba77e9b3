"""Puts everything that watches into a hub."""

from __future__ import annotations

from fairlead.apps.hub.state import Hub
from fairlead.apps.hub.watching.health import HealthPages
from fairlead.apps.hub.watching.metrics import Metrics


async def watched(hub: Hub) -> None:
    """All of it."""
    Metrics(hub).join()
    HealthPages(hub).join()
