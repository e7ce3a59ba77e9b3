"""Sends spans to a collector, in batches, from a thread: a collector that is slow or gone holds up no request."""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Iterator, Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource

from fairlead import __version__
from fairlead.apps.hub.figures import Figure
from fairlead.apps.hub.serving.traces import Trace
from fairlead.apps.hub.watching.outcomes import Outcome
from fairlead.apps.hub.watching.tracing.spans import Traced, span

EVERY_S = 1.0
"""Between two batches."""

AT_ONCE = 512
"""Spans of one batch."""

MOST_WAITING = 8_192

END_S = 3.0
"""How long the last batch may take."""

log = logging.getLogger(__name__)


class Exporter:
    """Works until it is ended."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._resource = resource(environ)
        self._otlp = OTLPSpanExporter()
        self._waiting: deque[Traced] = deque()
        self._due = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="hub-traces", daemon=True)
        self.dropped = 0

    def begin(self) -> None:
        """Send from now on."""
        self._thread.start()

    def add(self, outcome: Outcome, trace: Trace, family: str) -> None:
        """A request that has ended; `family` is the kind of its provider."""
        if len(self._waiting) >= MOST_WAITING:
            self.dropped += 1
            return
        self._waiting.append(Traced(outcome, trace, family))
        if len(self._waiting) == AT_ONCE:
            self._due.set()

    def end(self) -> None:
        """Send what is left, unless nobody takes it in time."""
        self._stopped = True
        self._due.set()
        self._thread.join(END_S)
        self._otlp.shutdown()  # type: ignore[no-untyped-call]  # OpenTelemetry gives it no types
        self._thread.join(END_S)

    def figures(self) -> Iterator[Figure]:
        """What did not get sent."""
        words = "Spans of requests that were dropped, since the collector was slow or away."
        yield Figure("fairlead_hub_spans_dropped_total", "counter", words, [({}, self.dropped)])

    def _run(self) -> None:
        while not self._stopped:
            self._due.wait(EVERY_S)
            self._due.clear()
            try:
                self._flush()
            except Exception:
                log.exception("spans could not be sent")

    def _flush(self) -> None:
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE))]
            result = self._otlp.export([span(one, self._resource) for one in some])
            if result.name != "SUCCESS":
                self.dropped += len(some)


def resource(environ: Mapping[str, str]) -> Resource:
    """Who sends: as OpenTelemetry's variables say, else as the stack names this instance."""
    said = {
        "service.name": "" if "OTEL_SERVICE_NAME" in environ else "fairlead-hub",
        "service.version": environ.get("FAIRLEAD_VERSION", __version__),
        "service.instance.id": environ.get("FAIRLEAD_INSTANCE", ""),
    }
    named = environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create({name: value for name, value in said.items() if value and f"{name}=" not in named})
