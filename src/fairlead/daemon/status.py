"""What runs, as data for people and programs: the answer of `fairlead status`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import fairlead
from fairlead.engine.engine import Engine
from fairlead.engine.keeper import Keeper, State
from fairlead.engine.router import Traffic
from fairlead.errors import RouterError
from fairlead.kit.yaml import dotted
from fairlead.stack.check import notes_on
from fairlead.stack.model.network import RouterSettings
from fairlead.stack.model.service import Service

Facts = dict[str, Any]


async def status(
    engine: Engine, releases: Mapping[str, Facts], daemon: Facts, judging: Mapping[str, Facts] = MappingProxyType({})
) -> Facts:
    """The whole of it. `releases` holds the newest release of each service, `judging` the judgements under way."""
    applied = engine.applied
    traffic = await _traffic(engine)
    services = applied.stack.services if applied else {}
    return {
        "stack": applied.stack.name if applied else None,
        "environment": applied.environment if applied else None,
        "daemon": daemon | {"version": fairlead.__version__, "memory_bytes": await engine.memory_bytes()},
        "router": await _router(engine),
        "services": [
            await _service(engine, name, spec, traffic, releases.get(name)) | {"judging": judging.get(name)}
            for name, spec in services.items()
            if engine.fleet.of(name) or engine.book.versions(name)
        ],
        "stores": await engine.stores.status() if applied else [],
        "notes": [f"{dotted(note.path)}: {note.message}" for note in notes_on(applied.stack)] if applied else [],
    }


async def _traffic(engine: Engine) -> Mapping[tuple[str, str], Traffic]:
    try:
        return await engine.router.observe()
    except RouterError:
        return {}


async def _router(engine: Engine) -> Facts:
    entrances = []
    if engine.applied and any(spec.expose for spec in engine.applied.stack.services.values()):
        settings = engine.applied.stack.router
        host = "127.0.0.1" if settings.address == "0.0.0.0" else settings.address  # noqa: S104 - read, not bound
        entrances += [f"http://{host}:{settings.http}"] if settings.http else []
        entrances += [f"https://{host}:{settings.https}"] if _tls(settings) else []
    return {
        "name": engine.router.name,
        "alive": await engine.router.alive(),
        "entrances": entrances,
        "problem": engine.switchboard.problem,
    }


async def _service(
    engine: Engine, name: str, spec: Service, traffic: Mapping[tuple[str, str], Traffic], release: Facts | None
) -> Facts:
    shares = engine.book.shares(name)
    keepers = engine.fleet.of(name)
    running = dict.fromkeys([*shares, *(keeper.instance.version for keeper in keepers)])
    warm = {w.version: w.began + w.seconds for w in engine.book.warm() if w.service == name}
    versions = [
        await _version(engine, name, version, shares.get(version, 0.0), traffic.get((name, version)), warm.get(version))
        for version in running
    ]
    return {
        "name": name,
        "description": spec.description,
        "state": _state(keepers, shares),
        "problem": next((k.report.problem for k in keepers if k.report.problem and not k.report.ready), None),
        "address": engine.address(name),
        "exposed": exposed(engine, name),
        "versions": versions,
        "release": release,
    }


def exposed(engine: Engine, name: str) -> list[str]:
    """The ways in from outside, as addresses."""
    if engine.applied is None:
        return []
    settings = engine.applied.stack.router
    found = []
    for way in engine.applied.stack.services[name].expose:
        default = "127.0.0.1" if settings.address == "0.0.0.0" else settings.address  # noqa: S104 - read, not bound
        host = default if way.host.startswith("*") else way.host
        if _tls(settings):
            found.append(f"https://{host}:{settings.https}{way.path}")
        elif settings.http:
            found.append(f"http://{host}:{settings.http}{way.path}")
    return found


def _tls(settings: RouterSettings) -> bool:
    """Whether the router of this machine listens for TLS: it needs a certificate of ours."""
    tls = settings.tls
    return bool(settings.https and tls and tls.certificate and tls.key)


async def _version(
    engine: Engine, service: str, version: str, share: float, traffic: Traffic | None, warm_until: float | None
) -> Facts:
    keepers = engine.fleet.of(service, version)
    traffic = traffic or Traffic()
    return {
        "version": version,
        "share": share,
        "wanted": sum(not keeper.instance.leaving for keeper in keepers),
        "ready": sum(keeper.report.ready for keeper in keepers),
        "in_flight": traffic.in_flight,
        "requests": traffic.requests,
        "errors": traffic.errors,
        "p95_ms": quantile(traffic.latency_ms, 0.95),
        "since": min((keeper.instance.created for keeper in keepers), default=None),
        "warm_until": warm_until,
        "instances": list(await asyncio.gather(*(_instance(engine, keeper) for keeper in keepers))),
    }


async def _instance(engine: Engine, keeper: Keeper) -> Facts:
    usage = await engine.runtime.usage(keeper.instance.id)
    report = keeper.report
    return {
        "id": keeper.instance.id,
        "state": State.STOPPING if keeper.instance.leaving else report.state,
        "pid": report.pid,
        "ports": dict(keeper.instance.ports),
        "restarts": report.restarts,
        "since": report.since,
        "problem": report.problem,
        "memory_bytes": usage.memory_bytes if usage else None,
        "cpu_seconds": usage.cpu_seconds if usage else None,
    }


def _state(keepers: list[Keeper], shares: Mapping[str, float]) -> str:
    serving = [keeper for keeper in keepers if keeper.instance.version in shares and not keeper.instance.leaving]
    if not serving:
        return "starting" if any(not keeper.instance.leaving for keeper in keepers) else "stopped"
    if all(keeper.report.ready for keeper in serving):
        return "ready"
    if any(keeper.report.state is State.CRASH_LOOPING for keeper in serving):
        return "crash-looping"
    if all(keeper.report.state is State.STARTING for keeper in serving):
        return "starting"
    return "degraded" if any(keeper.report.ready for keeper in serving) else "failed"


def quantile(histogram: Mapping[float, int], share: float) -> float | None:
    """The value under which that share of a cumulative histogram lies, interpolated within its bucket."""
    bounds = sorted(histogram)
    total = histogram[bounds[-1]] if bounds else 0
    if not total:
        return None
    low, below = 0.0, 0
    for bound in bounds:
        if histogram[bound] >= share * total:
            if math.isinf(bound):
                return low
            inside = histogram[bound] - below
            return low + (bound - low) * ((share * total - below) / inside if inside else 1.0)
        low, below = bound, histogram[bound]
    return low
