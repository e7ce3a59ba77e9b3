"""Whether a stack's journal, its daemon, its processes and its answers tell the same story."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import httpx

from bench.town import LOOK_EVERY_S, Town
from fairlead.engine.journal import Journal
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.releases import ReleaseTable
from fairlead.engine.routers.program import INSTANCE as ROUTER
from fairlead.errors import FairleadError

ASKED = 10
"""Requests of which each has to be answered by the version that holds all of them."""


def settled(there: Town, services: tuple[str, ...], within_s: float = 60.0) -> list[str]:
    """Wait until nothing contradicts itself any more; what still does when the time is up."""
    end = time.monotonic() + within_s
    while (found := lies(there, services)) and time.monotonic() < end:
        time.sleep(LOOK_EVERY_S * 5)
    return found


def lies(there: Town, services: tuple[str, ...]) -> list[str]:
    """Every contradiction, for versions that are not kept warm: one version of each service is all there should be."""
    try:
        return list(_lies(there, services))
    except (FairleadError, OSError, httpx.HTTPError) as error:
        return [f"can't be asked: {error}"]


def _lies(there: Town, services: tuple[str, ...]) -> Iterator[str]:
    journal = Journal(there.state / "journal.db", read_only=True)
    try:
        book, table = FleetBook(journal), ReleaseTable(journal)
        if still_open := table.open():
            yield f"releases that never ended: {still_open}"
        for service in services:
            yield from _of_service(there, service, book.shares(service))
        instances = {one.id: one for one in book.instances()}
    finally:
        journal.close()
    yield from _of_instances(there, {one.id for one in instances.values()})
    for one in instances.values():
        if one.leaving or one.version not in there.shares(one.service):
            yield f"{one.id} is left over"


def _of_service(there: Town, service: str, shares: dict[str, float]) -> Iterator[str]:
    if list(shares.values()) != [100.0]:
        yield f"{service}: the shares in the journal are {shares}"
    if there.shares(service) != shares:
        yield f"{service}: the daemon says {there.shares(service)}, the journal {shares}"
    found = there.service(service)
    if found["state"] != "ready":
        yield f"{service} is {found['state']}: {found['problem']}"
    answered = Counter(_version(there, service) for _ in range(ASKED))
    if set(answered) != set(shares):
        yield f"{service}: answered by {dict(answered)}, the journal says {shares}"


def _version(there: Town, service: str) -> str:
    answer = there.get(f"/{service}/")
    return str(answer.headers.get("x-version", answer.status_code))


def _of_instances(there: Town, wanted: set[str]) -> Iterator[str]:
    """Each instance of the journal, and the router, has one shim or container and its processes; nothing else has."""
    homes = Counter([*there.shims().values(), *there.containers()])
    processes = set(there.processes().values())
    expected = wanted | {ROUTER}
    if dict(homes) != dict.fromkeys(expected, 1):
        yield f"the journal has {sorted(expected)}, shims and containers run for {dict(homes)}"
    if processes != expected:
        yield f"the journal has {sorted(expected)}, processes run for {sorted(processes)}"
