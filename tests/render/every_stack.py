"""Stacks that differ in their great choices, to change one key at a time in: all of the model has a place there."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import yaml

from fairlead.dockerfile import Listing
from fairlead.kit.yaml import KeyPath
from fairlead.render.leaves import matches
from fairlead.render.target import Scene
from fairlead.stack.check import findings
from fairlead.stack.model import Stack

BASE = """
name: town
services:
  api:
    command: python app.py
    ports: {http: 8080, grpc: 50051, tcp: 9000, metrics: 9090}
    needs: [postgres, redis, kafka, search, worker]
    probes: {startup: {http: /started}, readiness: {http: /ready}, liveness: {http: /live}}
    resources: {cpu: {request: 250m, limit: 4}, memory: {request: 512Mi, limit: 2Gi}}
    scale: {min: 2, max: 6, targets: {cpu: 70%}}
    expose: [{host: api.example.com, path: /api}]
    release: {strategy: canary}
    objectives: {availability: 99.9%}
    secrets: {TOKEN: token}
  worker:
    image: ghcr.io/example/worker:2
    ports: {http: 8081}
    volumes: {data: {size: 1Gi}}
    release: {strategy: rolling}
  other:
    image: ghcr.io/example/other:1
    ports: {http: 8082, tcp: 9001}
  nightly:
    image: ghcr.io/example/nightly:3
    schedule: "0 3 * * *"
stores:
  postgres: {kind: postgres, version: 16, replicas: 2}
  redis: {kind: redis}
  kafka: {kind: kafka, replicas: 3, topics: [facts]}
  search: {kind: elasticsearch, replicas: 3}
  files: {kind: objects, managed: true}
secrets:
  token: {manager: town/token}
  pager: {manager: town/pager}
backup: {every: 1d, where: "s3://backups/town"}
cluster_backup: {every: 1d, where: "s3://backups/cluster"}
watching:
  traces: tempo
  channels:
    pager: {kind: pager, secret: pager}
    chat: {kind: chat, secret: token}
    mail: {kind: mail, to: a@example.com}
  critical: [pager]
  warning: [chat]
  alerts: {slow: {metric: latency-p95, above: 1s}}
pipeline:
  registry: ghcr.io/example
  languages: {python: ["3.12"]}
  commands: {test: pytest}
  publish: [images]
  branches: {production: main}
router: {https: 443, tls: {issuer: letsencrypt}}
environments: {production: {}, staging: {}}
cloud:
  provider: aws
  region: eu-central-1
  domain: example.com
  nodes: {general: {machine: m6i.large}, other: {machine: m6i.xlarge, gpu: 4}}
"""


def _cloud(provider: str, region: str, general: str, other: str) -> dict[str, Any]:
    """Another provider, with a region and machines of its own."""
    nodes = {"general": {"machine": general}, "other": {"machine": other, "gpu": 4}}
    return {"provider": provider, "region": region, "nodes": nodes}


CHANGES: dict[str, dict[str, Any]] = {
    "ingress": {},
    "gateway": {
        "router": {"gateway": "gateway-api"},
        "kubernetes": {"autoscaler": "keda", "stores": "plain"},
        "services": {"api": {"release": {"strategy": "blue-green"}, "scale": {"targets": {"queue": 5}}}},
        "cloud": _cloud("gcp", "europe-west3", "n2-standard-2", "n2-standard-4"),
        "watching": {"traces": "jaeger"},
    },
    "istio": {
        "router": {"gateway": "istio"},
        "mesh": {"kind": "istio", "mutual_tls": True},
        "services": {"api": {"release": {"strategy": "rolling"}, "scale": {"max": None, "targets": None}}},
        "stores": {"postgres": {"pooling": {"mode": "session"}}, "files": {"managed": False}},
        "cloud": _cloud("azure", "germanywestcentral", "Standard_D2s_v5", "Standard_D4s_v5"),
        "watching": {"traces": "otlp"},
    },
    "plain": {
        "kubernetes": {"rollouts": "plain", "stores": "plain"},
        "services": {
            "api": {
                "uses": "hub",
                "command": None,
                "with": {"providers": ["echo"]},
                "ports": {"grpc": None, "tcp": None},
            }
        },
        "router": {"load_balancer": True},
    },
}
"""What the stacks differ in, laid over `BASE`; all of it has to be seen in at least one of them."""

LISTING = Listing(frozenset({"app.py", "requirements.txt"}))
"""A Python project beside each service."""


@cache
def stacks() -> dict[str, dict[str, Any]]:
    """The data of each variant."""
    return {name: laid(yaml.safe_load(BASE), change) for name, change in CHANGES.items()}


def laid(data: Any, change: Any) -> Any:
    """A copy with a change laid over it; `None` takes a key out."""
    if not isinstance(change, dict) or not isinstance(data, dict):
        return copy.deepcopy(change)
    whole = {**data, **{key: laid(data.get(key, {}), value) for key, value in change.items()}}
    return {key: value for key, value in whole.items() if value is not None}


@cache
def scene(variant: str) -> Scene:
    """As it is."""
    found = _scene(stacks()[variant])
    assert found is not None, f"the stack `{variant}` is wrong itself"
    return found


@cache
def changed(variant: str, path: KeyPath, value: str, around: str) -> Scene | None:
    """With a value (as it is printed, so that one can be kept) at a path; `None` where that fits nothing else."""
    data = stacks()[variant]
    return _scene(_with(data, path, yaml.safe_load(value), yaml.safe_load(around)))


def _scene(data: dict[str, Any]) -> Scene | None:
    try:
        stack = Stack.model_validate(data)
    except ValueError:
        return None
    if any(finding.severity == "error" for finding in findings(stack)):
        return None
    return Scene(stack, None, {}, dict.fromkeys(stack.services, LISTING))


def places(path: KeyPath, data: Any) -> Iterator[KeyPath]:
    """The path with the names of a stack; with one of its own where it has none."""
    found: list[KeyPath] = [()]
    for part in path:
        found = [(*one, name) for one in found for name in (_names(data, one) if part == "*" else [part])]
    yield from found


def _names(data: Any, path: KeyPath) -> list[str]:
    inside = data
    for part in path:
        inside = inside.get(part) if isinstance(inside, dict) else None
    return list(inside) if isinstance(inside, dict) and inside else ["alpha"]


def _with(data: dict[str, Any], path: KeyPath, value: Any, around: tuple[str, Any] | None) -> dict[str, Any]:
    whole = copy.deepcopy(data)
    if around is not None:
        pattern, ground = around
        words = pattern.split(".")
        where = path[: len(words)] if matches(pattern, path) else tuple(words)
        if "*" in where:
            where = next(places(where, whole))
        _put(whole, where, laid(_at(whole, where), ground))
    _put(whole, path, value)
    return whole


def _at(data: Any, path: KeyPath) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _put(inside: Any, path: KeyPath, value: Any) -> None:
    """At the path; what is missing on the way is made."""
    for part, following in pairwise(path):
        if isinstance(part, int):
            while len(inside) <= part:
                inside.append({})
            if isinstance(inside[part], str):
                inside[part] = {"name": inside[part]}
        elif isinstance(following, int):
            inside[part] = list(inside.get(part) or [])
        elif not isinstance(inside.get(part), dict):
            inside[part] = {} if part != "build" else {"context": "."}
        inside = inside[part]
    inside[path[-1]] = value
