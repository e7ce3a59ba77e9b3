"""The way from one configuration to the next in which no moment has nowhere to go. Pure.

First everything new is added and nothing taken away; when Envoy has it warm, the routes move; when they have moved,
what nobody needs is taken away. Every configuration on the way is whole: Envoy can be started from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fairlead.engine.routers.config import Config
from fairlead.engine.routers.resources import Json

WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - addresses that are compared with, not listened on


def stages(old: Config, new: Config) -> Iterator[Config]:
    """Configurations to serve one after the other; the last one is `new`."""
    grown = Config(
        endpoints=_grown(old.endpoints, new.endpoints),
        clusters={**old.clusters, **new.clusters},
        secrets={**old.secrets, **new.secrets},
        routes=old.routes,
        listeners=_without_rivals(old.listeners, new.listeners),
    )
    moved = replace(grown, routes={**old.routes, **new.routes}, listeners={**grown.listeners, **new.listeners})
    before = old
    for stage in (grown, moved, new):
        if stage != before:
            yield new if stage == new else stage
            before = stage
    if before != new or old == new:
        yield new


def only_adds(old: Config, stage: Config) -> bool:
    """Whether no request goes elsewhere by this stage, and nothing is gone that one could go to."""
    same_ways = all(stage.listeners.get(name, one) == one for name, one in old.listeners.items())
    return stage.routes == old.routes and same_ways and old.clusters.keys() <= stage.clusters.keys()


def addresses(endpoints: Json) -> dict[tuple[str, int], bool]:
    """Where the endpoints of a cluster are, and whether each is draining."""
    found = {}
    for one in _endpoints(endpoints):
        socket = one["endpoint"]["address"]["socket_address"]
        found[socket["address"], socket["port_value"]] = one["health_status"] == "DRAINING"
    return found


def _endpoints(resource: Json) -> list[Json]:
    return [one for locality in resource["endpoints"] for one in locality["lb_endpoints"]]


def _grown(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, Json]:
    """The new endpoints, and beside them the old ones that have had requests until now."""
    return {**old, **{name: _both(old.get(name), resource) for name, resource in new.items()}}


def _both(old: Json | None, new: Json) -> Json:
    if old is None:
        return new
    was_draining, will_drain = addresses(old), addresses(new)
    going = [one for one in _endpoints(old) if not was_draining[_address(one)] and will_drain.get(_address(one), True)]
    staying = {_address(one) for one in going}
    coming = [one for one in _endpoints(new) if _address(one) not in staying]
    if not going:
        return new
    return {**new, "endpoints": [{"lb_endpoints": [*going, *coming]}]}


def _address(endpoint: Json) -> tuple[str, int]:
    socket = endpoint["endpoint"]["address"]["socket_address"]
    return socket["address"], socket["port_value"]


def _without_rivals(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, Json]:
    """The old listeners, but for those whose port a new one is to have: they have to go first."""
    return {
        name: one
        for name, one in old.items()
        if not any(_rivals(one, other) for called, other in new.items() if called != name)
    }


def _rivals(one: Json, other: Json) -> bool:
    """Whether two listeners can't be at the same time; one inside Envoy has no address."""
    if "address" not in one or "address" not in other:
        return False
    (address, port), (its_address, its_port) = _socket(one), _socket(other)
    return port == its_port and (address == its_address or not WILDCARDS.isdisjoint((address, its_address)))


def _socket(listener: Json) -> tuple[str, int]:
    socket = listener["address"]["socket_address"]
    return socket["address"], int(socket["port_value"])
