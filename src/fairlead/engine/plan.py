"""What `up` or `deploy` would change, worked out from the stack file and the journal; changes nothing.

`up` itself works from the same list, so that a plan is what happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fairlead.engine import versions
from fairlead.engine.journal import Journal
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Applied, Version
from fairlead.stack.check.canaries import JUDGED
from fairlead.stack.containers import contained
from fairlead.stack.diff import describe, diff
from fairlead.stack.load import load
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

Action = Literal["start", "release", "adjust", "stop", "keep"]


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """What is to be done with one service, and why. `digest` is that of the version the file asks for."""

    service: str
    action: Action
    reasons: tuple[str, ...] = ()
    digest: str = ""
    strategy: str = ""

    @property
    def judged(self) -> bool:
        """Whether the new version has to wait for a verdict."""
        return self.strategy in JUDGED


@dataclass(frozen=True, slots=True)
class Plan:
    """Every service's change, and what changes beside services."""

    services: tuple[ServiceChange, ...]
    beside: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[ServiceChange, ...]:
        """Those that are not left as they are."""
        return tuple(change for change in self.services if change.action != "keep")

    @property
    def lines(self) -> list[str]:
        """For a person: a line for each change, its reasons indented below."""
        words = {"start": "+ {0}: start it", "release": "~ {0}: release a new version ({1})",
                 "adjust": "~ {0}: change in place", "stop": "- {0}: stop it"}  # fmt: skip
        lines = []
        for change in self.changes:
            lines.append(words[change.action].format(change.service, change.strategy))
            lines += [f"    {reason}" for reason in change.reasons]
        return lines + list(self.beside)


def plan(file: Path, environment: str | None, environ: Mapping[str, str], journal: Path) -> Plan:
    """The plan for a stack file beside a journal that need not exist. Raises `StackError` or `JournalError`."""
    stack = load(file, environment=environment, environ=environ)
    if not journal.exists():
        return compare(stack, file.parent, None, {})
    opened = Journal(journal, read_only=True)
    try:
        book = FleetBook(opened)
        return compare(stack, file.parent, book.applied(), current_versions(book))
    finally:
        opened.close()


def current_versions(book: FleetBook) -> dict[str, Version]:
    """Service -> the version that holds most of its requests."""
    found = {}
    for service in {instance.service for instance in book.instances() if not instance.leaving}:
        shares = book.shares(service)
        if shares:
            found[service] = book.version(service, max(shares, key=lambda version: shares[version]))
    return found


def compare(stack: Stack, base: Path, applied: Applied | None, current: Mapping[str, Version]) -> Plan:
    """The difference between what the file says and what runs."""
    old = applied.stack if applied else None
    digests = {name: versions.digest(spec, base, stack, service=name) for name, spec in stack.services.items()}
    changes = [_of_service(name, stack, digests[name], old, current.get(name)) for name in stack.services]
    changes += [ServiceChange(name, "stop") for name in current if name not in stack.services]
    beside = [change for change in diff(old, stack) if change.path[0] not in ("services", "name")] if old else []
    return Plan(tuple(changes), tuple(describe(tuple(beside))))


def _of_service(name: str, stack: Stack, digest: str, old: Stack | None, current: Version | None) -> ServiceChange:
    spec = stack.services[name]
    if current is None:
        return ServiceChange(name, "start", digest=digest)
    declared = old.services.get(name) if old else None
    if digest != current.digest:
        reasons = _reasons(name, current.spec, spec) or (_beside(spec, contained(spec, stack), current),)
        return ServiceChange(name, "release", reasons, digest, spec.release.strategy)
    if declared is not None and declared != spec:
        return ServiceChange(name, "adjust", _reasons(name, declared, spec), digest)
    return ServiceChange(name, "keep", digest=digest)


def _beside(spec: Service, in_containers: bool, current: Version) -> str:
    """Why there is a new version of a service whose entry is the same."""
    if in_containers != (current.image is not None):
        return "runs in containers from now on" if in_containers else "runs as a local process from now on"
    return f"files in {spec.build.context if spec.build else spec.directory} changed"


def _reasons(name: str, before: Service, after: Service) -> tuple[str, ...]:
    old, new = (Stack(name="plan", services={name: spec}) for spec in (before, after))
    return tuple(describe(diff(old, new)))
