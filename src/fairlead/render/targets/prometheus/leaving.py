"""What Prometheus has no place for, and why."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts.watching.declared import subjects
from fairlead.render.parts.watching.scraping import scraped
from fairlead.render.parts.watching.where import Where
from fairlead.render.parts.watching.words import TABLE
from fairlead.render.target import Unsupported
from fairlead.stack.model import Stack

ELSEWHERE = "nothing about it is measured; see the targets that run the stack"

LEFT_OUT: dict[str, str] = {}


def unsupported(stack: Stack) -> Iterator[Unsupported]:
    """Promises that can't be checked, and alerts that are about nothing."""
    for name, service in stack.services.items():
        if scraped(service) is None and service.objectives.model_fields_set:
            why = "the service has no `metrics` port, so nothing is known of its requests"
            yield Unsupported(f"services.{name}.objectives", why)
    for name, alert in stack.watching.alerts.items():
        word = TABLE.get(alert.metric.strip())
        if word and not any(subjects(Where(stack), word.about, alert.service)):
            about = {"service": "service with a `metrics` port", "hub": "service that `uses: hub`"}.get(
                word.about, f"{word.about} store"
            )
            yield Unsupported(f"watching.alerts.{name}", f"there is no {about} that it could be about")
