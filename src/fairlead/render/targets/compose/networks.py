"""Networks: one for each thing that is asked, joined by who may ask it; and one that leads out."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts.watching import scraping
from fairlead.render.targets.compose.project import OUTSIDE, Data, Project, is_outside

EVERYBODY = "stack"
WATCHING = "watching"


def of_service(project: Project, name: str) -> list[str]:
    """Those that a service's containers are in."""
    service = project.stack.services[name]
    found = list(
        dict.fromkeys([*_own(project, name), *(_asked(project, need.name) for need in project.needs(service))])
    )
    found = [one for one in found if one]
    if project.stack.watching.traces != "none":
        found.append(WATCHING)
    reaches_out = any(is_outside(project.stack.stores[n.name]) for n in service.needs if n.name in project.stack.stores)
    return [*found, OUTSIDE] if service.hardening.internet or reaches_out else found


def of_store(project: Project, name: str) -> list[str]:
    """Those that a store's server is in."""
    return [_asked(project, name)]


def to(project: Project, names: list[str]) -> list[str]:
    """Those that lead to certain services and stores."""
    return list(dict.fromkeys(_asked(project, name) for name in names))


def exposed(project: Project) -> list[str]:
    """The services that have a way in from outside."""
    return [name for name, service in project.stack.services.items() if service.expose]


def declared(used: set[str]) -> Data:
    """Only the one that leads out has a way there."""
    return {name: {} if name == OUTSIDE else {"internal": True} for name in sorted(used)}


def used(services: Data) -> set[str]:
    """Those that some container is in."""
    return {network for service in services.values() for network in service.get("networks", [])}


def _own(project: Project, name: str) -> Iterator[str]:
    """Its own, where anybody asks it."""
    scraped = {one for one, _, _ in scraping.services(project.stack)}
    needed = {need.name for service in project.stack.services.values() for need in service.needs}
    if name in needed or name in scraped or project.stack.services[name].expose:
        yield _asked(project, name)


def _asked(project: Project, name: str) -> str:
    store = project.stack.stores.get(name)
    if store is not None and is_outside(store):
        return ""
    return f"to-{name}" if project.stack.mesh.default_deny else EVERYBODY
