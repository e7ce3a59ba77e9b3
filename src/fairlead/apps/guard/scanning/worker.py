"""Looks through what it is handed, one content after the other: what a process of a scan does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.apps.guard.library import Library, loaded
from fairlead.apps.guard.scanning.archives import Opener
from fairlead.apps.guard.scanning.blobs import Store
from fairlead.apps.guard.scanning.content import Looker
from fairlead.apps.guard.scanning.files import look_at_file
from fairlead.apps.guard.scanning.found import Harvest, Place, Unlooked, Unscanned
from fairlead.apps.guard.scanning.jobs import Blob, File, Job
from fairlead.apps.guard.scanning.limits import Budget, Limits
from fairlead.apps.guard.scanning.readers import Peeked, Read

MARKS = b"fairlead guard scan: marks of values, made into fingerprints before they are shown"
"""The key of marks: equal in all workers."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a worker needs to begin."""

    rules: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)


class Worker:
    """Looks through jobs, one after the other."""

    def __init__(self, setting: Setting, stopped: Callable[[], bool] = bool, library: Library | None = None) -> None:
        self._limits = setting.limits
        self._stopped = stopped
        self._opener = Opener(Looker((library or loaded(rules=setting.rules)).keyed(MARKS)))
        self._stores: dict[str, Store] = {}

    def look(self, jobs: Sequence[Job]) -> Harvest:
        """What came of them."""
        harvest = Harvest()
        for job in jobs:
            if isinstance(job, File):
                look_at_file(self._opener, job, self._budget(), harvest)
            elif isinstance(job, Blob):
                self._blob(job, harvest)
            else:
                self.stream(reader(job.content), Place(job.path, job.commit), harvest)
        return harvest

    def stream(self, read: Read, place: Place, harvest: Harvest) -> None:
        """A content that comes as it comes."""
        try:
            self._opener.look(Peeked(read), place, self._budget(), harvest)
        except Unlooked as error:
            harvest.unscanned.append(Unscanned(place.path, str(error), place.commit))

    def close(self) -> None:
        """Ends what was started."""
        for store in self._stores.values():
            store.close()
        self._stores.clear()

    def _budget(self) -> Budget:
        return Budget(self._limits, self._stopped)

    def _blob(self, job: Blob, harvest: Harvest) -> None:
        place = Place(job.path, job.commit)
        here = Harvest()
        self._stored(job.repository, job.hash, place, here)
        if here.found and job.before:
            before = Harvest()
            self._stored(job.repository, job.before, place, before)
            known = {found.mark for found in before.found}
            here.found = [found for found in here.found if found.mark not in known]
        harvest.add(here)

    def _stored(self, folder: str, name: str, place: Place, harvest: Harvest) -> None:
        try:
            store = self._stores.get(folder) or self._stores.setdefault(folder, Store(folder))
            self.stream(store.opened(name), place, harvest)
        except Unlooked as error:
            harvest.unscanned.append(Unscanned(place.path, str(error), place.commit))


def reader(content: bytes) -> Read:
    """What reads a content that is there."""
    left = memoryview(content)

    def read(size: int) -> bytes:
        nonlocal left
        data, left = bytes(left[:size]), left[size:]
        return data

    return read
