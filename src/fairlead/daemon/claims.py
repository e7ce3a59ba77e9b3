"""Who is at work on which service: one operation at a time on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from fairlead.errors import Conflict


class Claims:
    """Services that something is being done with, and what."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}

    @contextmanager
    def on(self, services: Iterable[str], doing: str) -> Iterator[None]:
        """Hold these services. Raises `Conflict`, saying what is under way, when one is held already."""
        services = list(services)
        for service in services:
            if service in self._held:
                raise Conflict(
                    f"{service}: {self._held[service]} is under way", hint=_hint(service, self._held[service])
                )
        self._held |= dict.fromkeys(services, doing)
        try:
            yield
        finally:
            for service in services:
                self._held.pop(service, None)


def _hint(service: str, doing: str) -> str:
    look = "`fairlead status --watch` shows how far it is"
    return f"{look}; `fairlead abort {service}` takes it back" if doing == "a release" else look
