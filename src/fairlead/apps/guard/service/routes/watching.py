"""Health, figures and metrics: from memory where a balancer asks."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fairlead import __version__
from fairlead.apps.guard.service import metrics as metrics_
from fairlead.apps.guard.service.routes.asking import answer
from fairlead.apps.guard.service.routes.endpoints import Endpoint
from fairlead.apps.guard.service.state import Service
from fairlead.apps.guard.service.words import Stats

WELL, DEGRADED, FAILING = "well", "degraded", "failing"


async def liveness(service: Service, request: Request) -> Response:
    """The process answers."""
    return answer({"status": "alive"})


async def readiness(service: Service, request: Request) -> Response:
    """Whether requests should be sent here."""
    if service.ready:
        return answer({"status": "ready"})
    return answer({"status": "not ready", "why": "it begins or ends"}, 503)


async def health(service: Service, request: Request) -> Response:
    """In one word."""
    status = _status(service, parts(service))
    return answer({"status": status}, 503 if status == FAILING else 200)


async def detailed(service: Service, request: Request) -> Response:
    """Part by part."""
    found = parts(service)
    status = _status(service, found)
    said = {"status": status, "version": __version__, "uptime_s": _uptime_s(service), "ready": service.ready}
    return answer({**said, "parts": found}, 503 if status == FAILING else 200)


async def metrics(service: Service, request: Request) -> Response:
    """As Prometheus reads them."""
    return Response(service.metrics.text(), headers={"content-type": metrics_.CONTENT_TYPE})


async def stats(service: Service, request: Request) -> Response:
    """Of this process, and of what is kept."""
    values, secrets, feedback = await service.store.totals()
    hits, misses = service.metrics.cache()
    said = Stats(
        _uptime_s(service), service.counts["analyses"], service.counts["texts"],
        {"hits": hits, "misses": misses, "kept": len(service.memory)}, values, secrets, feedback,
        service.bench.active, len(service.sightings), service.sightings.lost,
    )  # fmt: skip
    return answer(said)


def parts(service: Service) -> dict[str, dict[str, Any]]:
    """What it is made of, and how that is."""
    stored = service.store_up and service.sightings.up
    engine = service.engine
    cache: dict[str, Any] = {"status": WELL, "answers": len(service.memory)}
    if service.redis is not None:
        up = service.redis.up
        cache |= {"status": WELL if up else DEGRADED, "redis": "up" if up else "away"}
    left_out = len(engine.library.left_out)
    trial = service.bench.trial
    return {
        "rules": {"status": DEGRADED if left_out else WELL, "count": len(engine.pack.entries), "left_out": left_out},
        "store": {
            "status": WELL if stored else DEGRADED,
            "waiting": len(service.sightings),
            "lost": service.sightings.lost,
        },
        "cache": cache,
        "judgement": {
            "status": WELL,
            "version": service.bench.active,
            "trial": trial.name if trial is not None and trial.runs(time.time()) else None,
        },
    }


def _status(service: Service, found: dict[str, dict[str, Any]]) -> str:
    if not service.ready:
        return FAILING
    return WELL if all(part["status"] == WELL for part in found.values()) else DEGRADED


def _uptime_s(service: Service) -> float:
    return round(time.monotonic() - service.began, 3)


HEALTH = "Health and metrics"
ENDPOINTS = (
    Endpoint("GET", "/stats", "Figures: what was judged, found and said of it", stats, "Learning", Stats),
    Endpoint("GET", "/health", "Whether the service works", health, HEALTH, dict[str, str], who="anybody"),
    Endpoint("GET", "/health/detailed", "How each part of it is", detailed, HEALTH, dict[str, Any]),
    Endpoint("GET", "/liveness", "Whether the process answers", liveness, HEALTH, dict[str, str], who="anybody"),
    Endpoint(
        "GET", "/readiness", "Whether requests should be sent here", readiness, HEALTH, dict[str, str], who="anybody"
    ),
    Endpoint(
        "GET", "/metrics", "Metrics, as Prometheus reads them", metrics, HEALTH, who="anybody", content="text/plain"
    ),
)
