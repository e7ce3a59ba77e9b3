"""A routing in Envoy's words: the resources of each kind, by name, and the files they are in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path

from fairlead.engine.router import Routing
from fairlead.engine.routers import clusters, listeners, names, routes, shadowing, weights
from fairlead.engine.routers.resources import Json

ENDPOINTS, ROUTES, SECRETS = "eds", "rds", "sds"
"""Folders that hold a file for each resource; clusters and listeners are in one file each."""


@dataclass(frozen=True)
class Config:
    """Everything Envoy is told. Equal ones have equal revisions."""

    endpoints: Mapping[str, Json] = field(default_factory=dict)
    clusters: Mapping[str, Json] = field(default_factory=dict)
    secrets: Mapping[str, Json] = field(default_factory=dict)
    routes: Mapping[str, Json] = field(default_factory=dict)
    listeners: Mapping[str, Json] = field(default_factory=dict)

    @property
    def revision(self) -> str:
        """A digest of the whole."""
        return digest({path: content["version_info"] for path, content in self.files.items()})

    @cached_property
    def files(self) -> Mapping[str, Json]:
        """Path and content of each file, in the order they have to be written in: what is pointed at comes first."""
        return dict(self._files())

    def _files(self) -> Iterator[tuple[str, Json]]:
        yield from self._each(ENDPOINTS, self.endpoints)
        yield "cds.json", discovery(self.clusters)
        yield from self._each(SECRETS, self.secrets)
        yield from self._each(ROUTES, self.routes)
        yield "lds.json", discovery(self.listeners)

    @staticmethod
    def _each(folder: str, resources: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
        for name, resource in sorted(resources.items()):
            yield f"{folder}/{names.file(name)}", discovery({name: resource})


def config(routing: Routing, folder: Path) -> Config:
    """The routing as Envoy is to serve it from the files of `folder`."""
    parts = [_upstreams(routing, folder), _entrances(routing, folder), _shadows(routing, folder / ROUTES)]
    return Config(**{kind.name: _joined(getattr(part, kind.name) for part in parts) for kind in fields(Config)})


def _joined(parts: Iterable[Mapping[str, Json]]) -> dict[str, Json]:
    return {name: resource for part in parts for name, resource in part.items()}


def _upstreams(routing: Routing, folder: Path) -> Config:
    versions = [
        (names.cluster(upstream, backend.version), upstream, backend)
        for upstream in routing.upstreams
        for backend in upstream.backends
    ]
    return Config(
        endpoints={name: clusters.endpoints(name, backend.endpoints) for name, _, backend in versions},
        clusters={
            name: clusters.cluster(upstream, backend, folder / ENDPOINTS / names.file(name))
            for name, upstream, backend in versions
        },
        routes={one.name: routes.of_upstream(one) for one in routing.upstreams if one.protocol != "tcp"},
        listeners={
            names.local(one, address): listeners.of_upstream(one, folder / ROUTES / names.file(one.name), address)
            for one in routing.upstreams
            for address in routing.local_addresses
        },
    )


def _entrances(routing: Routing, folder: Path) -> Config:
    if not routing.entrances:
        return Config()
    table, secrets = folder / ROUTES / names.file(names.PUBLIC), folder / SECRETS
    named = {names.entrance(one): one for one in routing.entrances}
    upstreams = {upstream.name: upstream for upstream in routing.upstreams}
    return Config(
        secrets={name: listeners.secret(name, one.tls) for name, one in named.items() if one.tls},
        routes={names.PUBLIC: routes.of_entrances(routing.rules, upstreams)},
        listeners={name: listeners.of_entrance(one, table, secrets / names.file(name)) for name, one in named.items()},
    )


def _shadows(routing: Routing, tables: Path) -> Config:
    """What copies of requests need beside."""
    mirrors = [(names.shadow(one), one, mirror) for one in routing.upstreams if (mirror := weights.mirror(one))]
    return Config(
        clusters={name: shadowing.cluster(one) for name, one, _ in mirrors},
        routes={name: shadowing.routes(one, mirror) for name, one, mirror in mirrors},
        listeners={name: shadowing.listener(one, tables / names.file(name)) for name, one, _ in mirrors},
    )


def discovery(resources: Mapping[str, Json]) -> Json:
    """What Envoy expects in a file: resources under a version, which is a digest of them."""
    found = [resources[name] for name in sorted(resources)]
    return {"version_info": digest(found), "resources": found}


def digest(content: object) -> str:
    """Sixteen hexadecimal digits that stand for a piece of JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
