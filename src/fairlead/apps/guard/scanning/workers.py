"""Looks through contents in processes of its own, as many as there are processors; results come in the order of jobs.

A few contents are looked through in this process: starting others takes longer. A worker that dies takes its batch
with it, which is told, and the others go on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from fairlead.apps.guard.scanning.found import Harvest, Unscanned
from fairlead.apps.guard.scanning.jobs import File, Job
from fairlead.apps.guard.scanning.worker import Setting, Worker

BATCH = 256
BATCH_BYTES = 8 << 20
AHEAD = 4
"""Batches for each worker that are under way or wait."""
MOST = 16
"""Workers, however many processors there are: more only wait for the disk."""


def harvests(jobs: Iterable[Job | Unscanned], setting: Setting, workers: int | None = None) -> Iterator[Harvest]:
    """What comes of jobs, batch by batch, in their order."""
    count = workers or min(len(os.sched_getaffinity(0)), MOST)
    batches = _batches(jobs, alike=count > 1)
    first = next(batches, None)
    second = next(batches, None)
    if first is None:
        return
    if second is None or count == 1:
        yield from _here(_chained(first, second, batches), setting)
    else:
        yield from _elsewhere(_chained(first, second, batches), setting, count)


@dataclass(slots=True)
class Batch:
    """Jobs that are handed over at once, and what could not become one."""

    jobs: list[Job]
    unscanned: list[Unscanned]
    size_bytes: int = 0


def _batches(jobs: Iterable[Job | Unscanned], *, alike: bool) -> Iterator[Batch]:
    """Of so many jobs; `alike`, of no more bytes either, so that no worker has more to do than the others."""
    batch = Batch([], [])
    for job in jobs:
        if isinstance(job, Unscanned):
            batch.unscanned.append(job)
        else:
            batch.jobs.append(job)
            batch.size_bytes += _size(job) if alike else 0
        if len(batch.jobs) >= BATCH or batch.size_bytes >= BATCH_BYTES:
            yield batch
            batch = Batch([], [])
    if batch.jobs or batch.unscanned:
        yield batch


def _size(job: Job) -> int:
    """Bytes, as far as they are easily known."""
    if isinstance(job, File):
        with suppress(OSError):
            return os.lstat(job.path).st_size
    return 1 << 14


def _chained(first: Batch, second: Batch | None, others: Iterator[Batch]) -> Iterator[Batch]:
    yield first
    if second is not None:
        yield second
        yield from others


def _here(batches: Iterator[Batch], setting: Setting) -> Iterator[Harvest]:
    worker = Worker(setting)
    try:
        for batch in batches:
            yield _with(batch, worker.look(batch.jobs))
    finally:
        worker.close()


def _with(batch: Batch, harvest: Harvest) -> Harvest:
    harvest.unscanned += batch.unscanned
    return harvest


def _elsewhere(batches: Iterator[Batch], setting: Setting, count: int) -> Iterator[Harvest]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    stop = context.Event()
    begin = partial(ProcessPoolExecutor, count, context, _begin, (setting, stop))
    pool = begin()
    waiting: deque[tuple[Batch, Future[Harvest]]] = deque()
    try:
        for batch in batches:
            waiting.append((batch, _handed(pool, batch)))
            if len(waiting) >= AHEAD * count:
                yield _taken(*waiting.popleft())
                pool = _whole(pool, begin)
        while waiting:
            yield _taken(*waiting.popleft())
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _handed(pool: ProcessPoolExecutor, batch: Batch) -> Future[Harvest]:
    try:
        return pool.submit(_look, batch.jobs)
    except BrokenProcessPool as error:
        failed: Future[Harvest] = Future()
        failed.set_exception(error)
        return failed


def _whole(pool: ProcessPoolExecutor, begin: Callable[[], ProcessPoolExecutor]) -> ProcessPoolExecutor:
    """The same pool, or another one when a worker of it has died."""
    try:
        pool.submit(bool)
    except BrokenProcessPool:
        pool.shutdown(wait=False)
        return begin()
    return pool


def _taken(batch: Batch, future: Future[Harvest]) -> Harvest:
    try:
        return _with(batch, future.result())
    except BrokenProcessPool:
        why = "the process that looked through it was ended"
        lost = [Unscanned(job.path, why, "" if isinstance(job, File) else job.commit) for job in batch.jobs]
        return _with(batch, Harvest(unscanned=lost))


_own: Worker | None = None


def _begin(setting: Setting, stop: Any) -> None:
    """Of a worker: the keyboard's interrupt is for the process that started it."""
    global _own
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _own = Worker(setting, stop.is_set)


def _look(jobs: Sequence[Job]) -> Harvest:
    if _own is None:
        raise RuntimeError("a worker that was not begun")
    return _own.look(jobs)
