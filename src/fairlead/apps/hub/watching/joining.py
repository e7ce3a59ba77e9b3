"""Puts everything that watches into a hub."""

from __future__ import annotations

import asyncio
import itertools

from fairlead.apps.hub.accounts.keys import Account
from fairlead.apps.hub.accounts.spool.spool import new_holder
from fairlead.apps.hub.calls import Failure
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.seams import Comparison
from fairlead.apps.hub.shapes import Place
from fairlead.apps.hub.state import Hub
from fairlead.apps.hub.watching import comparisons, outcomes
from fairlead.apps.hub.watching.access_log import AccessLog
from fairlead.apps.hub.watching.events import Events
from fairlead.apps.hub.watching.health import HealthPages
from fairlead.apps.hub.watching.metrics import Metrics
from fairlead.apps.hub.watching.outcomes import Outcome
from fairlead.apps.hub.watching.tracing.tracer import Spans, traced


async def watched(hub: Hub) -> None:
    """All of it; the log goes to standard output."""
    Metrics(hub).join()
    HealthPages(hub).join()
    told(hub, AccessLog(), Events(new_holder()), traced(hub))


def asked(flight: Flight) -> bytes | None:
    """What a request asked, for the log; `None` where there is a secret in it still."""
    return flight.exchange.body if all(one.action == "redact" for one in flight.findings) else None


def told(hub: Hub, log: AccessLog, events: Events, spans: Spans | None = None) -> None:
    """Tell the log, the stream of events and the traces of each request, by one outcome for all."""
    numbers = itertools.count(1)

    def ended(flight: Flight) -> None:
        said = hub.config
        if not (hub.has_backstage or said.access_log or spans is not None):
            return
        made = outcomes.outcome(flight, next(numbers))
        tell(made, asked(flight) if said.log_prompts else None)
        if spans is not None:
            spans(made, flight)

    def turned_away(failure: Failure, account: Account | None, place: Place | None) -> None:
        tell(outcomes.turned_away(failure, account, place, next(numbers)), None)

    def compared(one: Comparison) -> None:
        if hub.has_backstage:
            events.add(comparisons.compared(one, next(numbers)))

    def tell(made: Outcome, request: bytes | None) -> None:
        if hub.has_backstage:
            events.add(made)
        if hub.config.access_log:
            log.add(made, request)

    async def end() -> None:
        await events.end()
        await asyncio.to_thread(log.end)

    hub.desk.watchers = (*hub.desk.watchers, ended)
    hub.desk.turned_away = (*hub.desk.turned_away, turned_away)
    hub.desk.compared = (*hub.desk.compared, compared)
    hub.private_pages = (*hub.private_pages, events.page)
    hub.figures.append(log.figures)
    hub.endings.append(end)
    log.begin()
