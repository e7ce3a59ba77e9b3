"""Puts the pages into a hub."""

from __future__ import annotations

from fairlead.apps.hub.pages import keys, models, routes, teams, usage
from fairlead.apps.hub.pages.administration import Administration
from fairlead.apps.hub.pages.description import Description
from fairlead.apps.hub.pages.door import Door
from fairlead.apps.hub.pages.endpoints import Endpoints
from fairlead.apps.hub.state import Hub

ENDPOINTS = Endpoints((*keys.ENDPOINTS, *teams.ENDPOINTS, *usage.ENDPOINTS, *routes.ENDPOINTS))
"""The whole administration."""


async def paged(hub: Hub) -> None:
    """All of them."""
    administration = Administration(hub, ENDPOINTS, Door(lambda: admin_key(hub)))
    description = Description(ENDPOINTS.all)
    models.join(hub.desk)
    hub.desk.pages = (*hub.desk.pages, administration.public, description.page)
    hub.private_pages = (*hub.private_pages, administration.private, description.page)
    hub.endings.append(administration.end)


def admin_key(hub: Hub) -> bytes | None:
    """The key of the administration, where the configuration names one."""
    name = hub.config.admin_key
    return None if name is None else hub.environ.get(name, "").encode()
