"""Health, for balancers and for people: on every listener, from memory alone.

`/liveness`: the process answers. `/readiness`: requests should be sent here, which ends before the hub does, and while
no record of them could be written. `/health`: in one word; `/health/detailed`: part by part.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from fairlead import __version__
from fairlead.apps.hub.routes.targets import Host, Lane
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.state import Hub
from fairlead.apps.hub.wire.exchange import Exchange

WELL: Final = "well"
DEGRADED: Final = "degraded"
"""Requests are served, but something is not as it should be."""
FAILING: Final = "failing"
"""Requests are not served."""

JSON = b"\r\ncontent-type: application/json\r\ncache-control: no-store"

Answer = tuple[int, Mapping[str, Any]]


class HealthPages:
    """Of one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._began = time.monotonic()
        self._pages: Mapping[bytes, Callable[[bool], Answer]] = {
            b"/liveness": lambda _: (200, {"status": "alive"}),
            b"/readiness": lambda _: self.readiness(),
            b"/health": lambda _: self.health(),
            b"/health/detailed": self.detailed,
        }

    def join(self) -> None:
        """Answer on both listeners; what is wrong with the configuration is not told to every client."""
        hub = self._hub
        hub.desk.pages = (*hub.desk.pages, lambda exchange: self._page(exchange, inside=not hub.has_backstage))
        hub.private_pages = (*hub.private_pages, lambda exchange: self._page(exchange, inside=True))

    def readiness(self) -> Answer:
        """Whether requests should be sent here, and why not."""
        hub = self._hub
        if not hub.ready:
            return 503, {"status": "not ready", "why": "it begins or ends"}
        written = hub.office.health
        if written.full or written.spool_problem is not None:
            return 503, {"status": "not ready", "why": "requests can't be written down"}
        return 200, {"status": "ready"}

    def health(self) -> Answer:
        """In one word."""
        status = self._status(self._parts(inside=False))
        return (503 if status == FAILING else 200), {"status": status}

    def detailed(self, inside: bool) -> Answer:
        """Part by part; `inside`: for those who run it."""
        parts = self._parts(inside)
        status = self._status(parts)
        more = {"version": __version__, "uptime_s": round(time.monotonic() - self._began, 3), "ready": self._hub.ready}
        return (503 if status == FAILING else 200), {"status": status, **more, "parts": parts}

    def _page(self, exchange: Exchange, *, inside: bool) -> bool:
        page = self._pages.get(exchange.path)
        if page is None or exchange.method not in (b"GET", b"HEAD"):
            return False
        status, said = page(inside)
        exchange.answer(heads.line(status) + JSON, msgspec.json.encode(said))
        return True

    def _status(self, parts: Mapping[str, Mapping[str, Any]]) -> str:
        if not self._hub.ready or self._hub.office.health.full:
            return FAILING
        return WELL if all(part["status"] == WELL for part in parts.values()) else DEGRADED

    def _parts(self, inside: bool) -> dict[str, dict[str, Any]]:
        hub = self._hub
        now = time.monotonic()
        hosts = {host.name: provider(host, now) for host in hub.table.hosts.values()}
        return {
            "providers": {"status": _worst(one["status"] for one in hosts.values()), "each": hosts},
            **_written(hub),
            "cache": _cache(hub),
            "configuration": _configuration(hub, inside),
            "requests": {"status": WELL, "in_flight": len(hub.desk.flights), "connections": len(hub.clients.connected)},
        }


def provider(host: Host, now: float) -> dict[str, Any]:
    """One who answers, with each of its keys by number."""
    keys = [lane(one, now) for one in host.lanes]
    usable = [one for one in keys if one["status"] == WELL]
    return {
        "status": WELL if len(usable) == len(keys) else DEGRADED if usable else FAILING,
        "kind": host.kind.name,
        "keys": keys,
        "connections": {"idle": host.pool.idle, "open": host.pool.open},
    }


def lane(one: Lane, now: float) -> dict[str, Any]:
    """One key of a provider: its breaker, and for how many seconds it is left alone."""
    state = one.breaker.state(now)
    rest = max(0.0, one.breaker.when() - now)
    return {"status": WELL if state == "closed" and not rest else DEGRADED, "breaker": state, "rests_s": round(rest, 3)}


def _written(hub: Hub) -> dict[str, dict[str, Any]]:
    """Where requests are written down, and where budgets are shared. Times are seconds since 1970."""
    found = hub.office.health
    spool = {"problem": found.spool_problem, "full": found.full, "backlog_bytes": found.backlog_bytes}
    return {
        "spool": {"status": FAILING if found.full else DEGRADED if found.spool_problem else WELL, **spool},
        "ledger": {"status": _here(found.ledger_away_since), "away_since": found.ledger_away_since},
        "budgets": {"status": _here(found.budgets_away_since), "away_since": found.budgets_away_since},
    }


def _cache(hub: Hub) -> dict[str, Any]:
    found = hub.cache.cache
    said: dict[str, Any] = {"status": WELL, "answers": len(found.memory), "bytes": found.memory.bytes}
    if found.second is not None:
        said |= {
            "status": WELL if found.second.up else DEGRADED,
            found.second.name: "up" if found.second.up else "away",
        }
    return said


def _configuration(hub: Hub, inside: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"status": DEGRADED if hub.problems else WELL, "models": len(hub.table.routes)}
    return {**said, "problems": list(hub.problems) if inside else len(hub.problems)}


def _here(away_since: float | None) -> str:
    return WELL if away_since is None else DEGRADED


def _worst(found: Iterable[str]) -> str:
    """Of providers: as long as one of them answers, requests are served."""
    return DEGRADED if any(one != WELL for one in found) else WELL
