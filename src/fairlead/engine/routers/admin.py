"""What Envoy says of itself, asked over its admin socket."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from fairlead.engine.routers.resources import Json
from fairlead.errors import RouterError

ANSWER_WITHIN_S = 5.0
"""Envoy's main thread answers in milliseconds; longer means that it hangs."""


@dataclass(frozen=True, slots=True)
class Host:
    """One endpoint as Envoy sees it."""

    cluster: str
    instance: str
    in_flight: int
    draining: bool
    asked: bool
    healthy: bool


@dataclass(frozen=True, slots=True)
class Stats:
    """Counters and gauges, text values, and cumulative histograms (upper bound -> count), by name."""

    numbers: Mapping[str, int]
    texts: Mapping[str, str]
    histograms: Mapping[str, Mapping[float, int]]

    def of(self, name: str) -> int:
        return self.numbers.get(name, 0)


class Admin:
    """The admin interface behind a unix socket."""

    def __init__(self, socket: Path) -> None:
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(socket)), base_url="http://envoy", timeout=ANSWER_WITHIN_S
        )

    async def ready(self) -> bool:
        """Whether it serves; no answer is a no."""
        try:
            return (await self._client.get("/ready")).status_code == 200
        except httpx.TransportError:
            return False

    async def stats(self, pattern: str) -> Stats:
        """The series whose whole names match a regular expression."""
        asked = {"format": "json", "histogram_buckets": "cumulative", "filter": f"^({pattern})$"}
        return _stats((await self._get("/stats", asked)).get("stats", []))

    async def hosts(self, pattern: str) -> list[Host]:
        """The endpoints of the clusters whose whole names match a regular expression; Envoy 1.36 sends all of them."""
        content = await self._get("/clusters", {"format": "json", "filter": f"^({pattern})$"})
        statuses = [one for one in content.get("cluster_statuses", []) if re.fullmatch(pattern, one["name"])]
        return [_host(status["name"], host) for status in statuses for host in status.get("host_statuses", [])]

    async def refused_listeners(self) -> dict[str, str]:
        """Why listeners were refused the last time, by name."""
        asked = {"resource": "dynamic_listeners", "mask": "name,error_state"}
        states = (await self._get("/config_dump", asked)).get("configs", [])
        errors = [state["error_state"] for state in states if "error_state" in state]
        return {error.get("failed_configuration", {}).get("name", ""): error.get("details", "") for error in errors}

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def _get(self, path: str, asked: Mapping[str, str]) -> Json:
        try:
            answer = await self._client.get(path, params=dict(asked))
            answer.raise_for_status()
            content: Any = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise RouterError(f"the router does not answer: {error or type(error).__name__}") from error
        return content if isinstance(content, dict) else {}


def exactly(*names: str) -> str:
    """A regular expression for these names and no others."""
    return "|".join(re.escape(name) for name in names)


def _stats(items: Sequence[Json]) -> Stats:
    numbers: dict[str, int] = {}
    texts: dict[str, str] = {}
    histograms: dict[str, dict[float, int]] = {}
    for item in items:
        for histogram in item.get("histograms", []) if isinstance(item.get("histograms"), list) else []:
            histograms[histogram["name"]] = {
                float(bucket["upper_bound"]): bucket["cumulative"] for bucket in histogram["buckets"]
            }
        if isinstance(item.get("value"), int):
            numbers[item["name"]] = item["value"]
        elif isinstance(item.get("value"), str):
            texts[item["name"]] = item["value"]
    return Stats(numbers, texts, histograms)


def _host(cluster: str, status: Json) -> Host:
    """`eds_health_status` is what we said; the other marks are what Envoy found out."""
    numbers = {stat["name"]: int(stat.get("value", 0)) for stat in status.get("stats", [])}
    marks = dict(status.get("health_status", {}))
    said = marks.pop("eds_health_status", "UNKNOWN")
    pending = bool(marks.pop("pending_active_hc", False))
    return Host(
        cluster=cluster,
        instance=status.get("hostname", ""),
        in_flight=numbers.get("rq_active", 0) + numbers.get("rq_pending_active", 0),
        draining=said == "DRAINING",
        asked=not pending,
        healthy=said == "HEALTHY" and not pending and not any(marks.values()),
    )
