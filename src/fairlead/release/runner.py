"""Carries a release out, step by step, or takes it back: the one place where a strategy's steps have effects.

Each step is written to the book before its effect and after it. A release that was cut short is carried on by calling
`run` again with the same book: the strategy is replayed with the outcomes on record, the step that was under way is
done again, and a release that was being undone goes on being undone. Cancelling `run` leaves the book as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from fairlead.engine.saying import Say, silent
from fairlead.errors import FairleadError, ReleaseError, StateError
from fairlead.kit.clock import Clock
from fairlead.release.abort import Abort
from fairlead.release.book import Book
from fairlead.release.course import Course
from fairlead.release.entry import Entry
from fairlead.release.history import Release
from fairlead.release.stage import Stage
from fairlead.release.steps import Observe, Outcome, RunHook, Shift, Start, Step, Stop
from fairlead.release.strategies import STRATEGIES, answered
from fairlead.release.taking_back import take_back
from fairlead.release.words import words

T = TypeVar("T")


async def run(book: Book, stage: Stage, clock: Clock, *, say: Say = silent, abort: Abort | None = None) -> Release:
    """Begin the release of this book, or carry it on from where it was left; gives its closed record.

    A release that fails is not an exception: it is taken back, and its record says why. Raises `StateError` when
    nothing can be written down any more; then nothing more was done, and the release can be carried on later.
    """
    course = Course(book, clock)
    if not course.release.open:
        return course.release
    if course.release.state == "running":
        reason = await _Forward(course, stage, say, abort or Abort()).go()
        if reason is None:
            return _closed(course, say)
        course.turn("undoing", reason)
    say("warning", course.release.service, f"taking {course.release.change.new} back: {course.release.reason}")
    return _taken_back(course, await take_back(course, stage, clock, say), say)


def _closed(course: Course, say: Say) -> Release:
    release = course.turn("succeeded", None)
    say("info", release.service, release.outcome)
    return release


def _taken_back(course: Course, problems: list[str], say: Say) -> Release:
    reason = course.release.reason or "unknown reason"
    if problems:
        release = course.turn("failed", "; ".join([reason, *(f"not undone: {problem}" for problem in problems)]))
    else:
        release = course.turn("taken back" if course.release.change.old else "failed", reason)
    say("error" if problems else "warning", release.service, release.outcome)
    return release


class _AbortedError(Exception):
    """Somebody asked for the way back."""


class _Forward:
    """The way in."""

    def __init__(self, course: Course, stage: Stage, say: Say, abort: Abort) -> None:
        self._course = course
        self._service = course.release.service
        self._change = course.release.change
        self._stage = stage
        self._say = say
        self._abort = abort

    async def go(self) -> str | None:
        """Do every step that is not done yet; the reason to take the release back, or `None` when it is complete."""
        try:
            return await self._steps()
        except StateError:
            raise
        except FairleadError as error:
            return f"{error.message} ({error.hint})" if error.hint else error.message
        except _AbortedError:
            return self._abort.reason
        except Exception as error:  # a fault of ours, or of a plugin: the old version has to serve all the same
            return f"{type(error).__name__}: {error}"

    async def _steps(self) -> str | None:
        plan = STRATEGIES.get(self._course.release.strategy)(self._change)
        step, seq = next(plan, None), 0
        while step is not None:
            outcome = await self._outcome(seq, step)
            if outcome.verdict == "roll back":
                return str(outcome.details.get("reason", f"{self._change.new} did not hold up"))
            step, seq = answered(plan, outcome), seq + 1
        return None

    async def _outcome(self, seq: int, step: Step) -> Outcome:
        """What came of a step: from the book, or by doing it (again, when it was cut short)."""
        entry = self._course.entry(seq)
        if entry is None:
            if self._abort.reason is not None:
                raise _AbortedError
            entry = self._course.begin(seq, step, await self._before(step))
        if entry.step != step:
            raise ReleaseError(f"the strategy now plans to {words(step)} where it had planned to {words(entry.step)}")
        if entry.outcome is None:
            entry = await self._done(entry)
        return entry.outcome or Outcome()

    async def _done(self, entry: Entry) -> Entry:
        self._say("info", self._service, words(entry.step))
        return self._course.done(entry, await self._do(entry.step))

    async def _before(self, step: Step) -> Mapping[str, float]:
        """What a step will change, as it is now: what its undoing puts back."""
        match step:
            case Start(version) | Stop(version):
                return {version: (await self._stage.counts(self._service)).get(version, 0)}
            case Shift():
                return dict(await self._stage.shares(self._service))
            case _:
                return {}

    async def _do(self, step: Step) -> Outcome:
        match step:
            case Start(version, count):
                await self._unless_aborted(self._stage.scale(self._service, version, count))
            case Shift(shares):
                await self._stage.shift(self._service, shares)
            case Observe(version, seconds):
                return await self._unless_aborted(self._stage.watch(self._service, version, seconds))
            case RunHook(moment):
                await self._stage.hook(self._service, self._change.new, moment)
            case Stop():
                return await self._stop(step)
        return Outcome()

    async def _stop(self, step: Stop) -> Outcome:
        """Stop a version. One that holds no requests and won't stop is no reason to take back the one that does."""
        try:
            if step.warm_s > 0:
                await self._stage.retire(self._service, step.version, step.count, step.warm_s)
            else:
                await self._stage.scale(self._service, step.version, step.count, drain_s=self._change.drain_s)
        except StateError:
            raise
        except Exception:
            if (await self._stage.shares(self._service)).get(step.version):
                raise
            return await self._leave_to_the_engine(step)
        return Outcome()

    async def _leave_to_the_engine(self, step: Stop) -> Outcome:
        try:
            await self._stage.retire(self._service, step.version, step.count, step.warm_s)
        except StateError:
            raise
        except Exception as error:
            self._say("warning", self._service, f"{step.version} holds no requests, but does not stop: {error}")
            return Outcome(details={"problem": str(error)})
        return Outcome()

    async def _unless_aborted(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something that may be left half way; hooks and shifts may not, they are always waited for."""
        working = asyncio.ensure_future(work)
        asked = asyncio.ensure_future(self._abort.requested())
        try:
            await asyncio.wait({working, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise _AbortedError
            return working.result()
        finally:
            working.cancel()
            asked.cancel()
            await asyncio.gather(working, asked, return_exceptions=True)
