"""Promises that can't be checked, and alerts that are about nothing: named, rather than rules that never fire."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts.watching.declared import subjects
from fairlead.render.parts.watching.scraping import scraped, services
from fairlead.render.parts.watching.where import Where
from fairlead.render.parts.watching.words import TABLE
from fairlead.render.target import Unsupported
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

ABOUT = {"service": "service with a `metrics` port", "hub": "service that `uses: hub`"}


def unsupported(stack: Stack) -> Iterator[Unsupported]:
    """Of this stack."""
    for name, service in stack.services.items():
        if scraped(service) is None and service.objectives.model_fields_set:
            why = "the service has no `metrics` port, so nothing is known of its requests"
            yield Unsupported(f"services.{name}.objectives", why)
    yield from _untaken(stack)
    for name, alert in stack.watching.alerts.items():
        word = TABLE.get(alert.metric.strip())
        if word and not any(subjects(Where(stack), word.about, alert.service)):
            about = ABOUT.get(word.about, f"{word.about} store")
            yield Unsupported(f"watching.alerts.{name}", f"there is no {about} that it could be about")


def _untaken(stack: Stack) -> Iterator[Unsupported]:
    """Objectives of the stack that no service is measured by."""
    measured = [service.objectives for _, service, _ in services(stack)]
    if stack.objectives.availability is not None and all(one.availability is not None for one in measured):
        yield Unsupported("objectives.availability", "each service that is measured promises its own, or none is")


def is_asked(service: Service, port: str) -> bool:
    """Whether a port is the one that is asked for metrics."""
    where = scraped(service)
    return where is not None and where.port == port
