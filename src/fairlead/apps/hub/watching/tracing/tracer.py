"""Gives each request a span, tells the provider of it, and hands it over when the request has ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.shapes import Asked
from fairlead.apps.hub.state import Hub
from fairlead.apps.hub.watching.outcomes import Outcome
from fairlead.apps.hub.watching.tracing.sampling import Sampling

if TYPE_CHECKING:
    from fairlead.apps.hub.watching.tracing.exporting import Exporter

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
SPOKEN = "http/protobuf"


class Spans(Protocol):
    """Where spans go."""

    def __call__(self, outcome: Outcome, flight: Flight) -> None:
        """A request has ended."""


class Tracer:
    """A gate that nobody has to wait at: it sees each request before anybody is asked, and minds none."""

    def __init__(self, sampling: Sampling, exporter: Exporter) -> None:
        self._sampling = sampling
        self._exporter = exporter

    def minds(self, route: Route, asked: Asked, flight: Flight) -> bool:
        """Give it a span."""
        flight.trace = self._sampling.begun(flight.exchange.headers)
        return False

    def enter(self, flight: Flight, go: Callable[[], None]) -> None:
        """Not held up."""
        go()

    def ended(self, outcome: Outcome, flight: Flight) -> None:
        """Hand it over, if it is sampled."""
        trace, target = flight.trace, flight.target
        if trace is not None and trace.sampled:
            self._exporter.add(outcome, trace, target.host.kind.name if target is not None else "")


def traced(hub: Hub, environ: Mapping[str, str] = os.environ) -> Spans | None:
    """Trace the requests of a hub, if there is a place for traces. Raises `Misconfigured`."""
    if not any(environ.get(name) for name in ENDPOINTS) or _is_off(environ):
        return None
    for name in PROTOCOLS:
        if environ.get(name, SPOKEN) != SPOKEN:
            raise Misconfigured([f"{name}: {environ[name]!r} is not spoken here, only {SPOKEN!r} (port 4318 mostly)"])
    sampling, exporter = Sampling.of(environ), _exporter()
    tracer = Tracer(sampling, exporter)
    hub.desk.gates = (tracer, *hub.desk.gates)
    hub.figures.append(exporter.figures)

    async def end() -> None:
        await asyncio.to_thread(exporter.end)

    hub.endings.append(end)
    exporter.begin()
    return tracer.ended


def _is_off(environ: Mapping[str, str]) -> bool:
    return environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none"


def _exporter() -> Exporter:
    """Made only where it is needed: what it takes to speak OTLP is large, and an extra."""
    try:
        from fairlead.apps.hub.watching.tracing.exporting import Exporter
    except ImportError as error:
        wanted = f"{ENDPOINTS[0]} is set, but {error.name} is not installed (pip install 'fairlead[otel]')"
        raise Misconfigured([wanted]) from None
    return Exporter()
