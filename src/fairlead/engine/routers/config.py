"""A routing in Envoy's words: the resources of each kind, by name, and the files they are in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fairlead.engine.router import Routing
from fairlead.engine.routers import clusters, listeners, names, routes
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
    pairs = [(upstream, backend) for upstream in routing.upstreams for backend in upstream.backends]
    by_name = {upstream.name: upstream for upstream in routing.upstreams}
    public = routes.of_entrances(routing.rules, by_name)
    http = [upstream for upstream in routing.upstreams if upstream.protocol != "tcp"]
    return Config(
        endpoints={
            name: clusters.endpoints(name, backend.endpoints)
            for upstream, backend in pairs
            for name in [names.cluster(upstream, backend.version)]
        },
        clusters={
            name: clusters.cluster(upstream, backend, folder / ENDPOINTS / names.file(name))
            for upstream, backend in pairs
            for name in [names.cluster(upstream, backend.version)]
        },
        secrets={
            name: listeners.secret(name, one.tls)
            for one in routing.entrances
            if one.tls
            for name in [names.entrance(one)]
        },
        routes={upstream.name: routes.of_upstream(upstream) for upstream in http}
        | ({names.PUBLIC: public} if routing.entrances else {}),
        listeners=_listeners(routing, folder),
    )


def _listeners(routing: Routing, folder: Path) -> dict[str, Json]:
    tables, secrets = folder / ROUTES, folder / SECRETS
    local = {one.name: listeners.of_upstream(one, tables / names.file(one.name)) for one in routing.upstreams}
    public = {
        name: listeners.of_entrance(one, tables / names.file(names.PUBLIC), secrets / names.file(name))
        for one in routing.entrances
        for name in [names.entrance(one)]
    }
    return local | public


def discovery(resources: Mapping[str, Json]) -> Json:
    """What Envoy expects in a file: resources under a version, which is a digest of them."""
    found = [resources[name] for name in sorted(resources)]
    return {"version_info": digest(found), "resources": found}


def digest(content: object) -> str:
    """Sixteen hexadecimal digits that stand for a piece of JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
