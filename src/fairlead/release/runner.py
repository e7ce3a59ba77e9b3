"""Carries a release out, step by step, or takes it back: the one place where a strategy's steps have effects.

Each step is written to the book before its effect and after it. A release that was cut short is carried on by calling
`run` again with the same book: the strategy is replayed with the outcomes on record, the step that was under way is
done again, and a release that was being undone goes on being undone. Cancelling `run` leaves the book as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from fairlead.engine.saying import Say, silent
from fairlead.errors import FairleadError, ReleaseError, StateError
from fairlead.kit.clock import Clock
from fairlead.release.abort import Abort
from fairlead.release.book import Book
from fairlead.release.course import Course
from fairlead.release.effects import Effects
from fairlead.release.entry import Entry
from fairlead.release.history import Release
from fairlead.release.stage import Stage
from fairlead.release.steps import Judge, Mirror, Observe, Outcome, Shift, Start, Step, Stop
from fairlead.release.strategies import STRATEGIES, answered
from fairlead.release.taking_back import take_back
from fairlead.release.together import together
from fairlead.release.words import of_service, words


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
        before = any(change.old for change in course.release.unit.values())
        release = course.turn("taken back" if before else "failed", reason)
    say("error" if problems else "warning", release.service, release.outcome)
    return release


class _AbortedError(Exception):
    """Somebody asked for the way back."""


class _Forward:
    """The way in."""

    def __init__(self, course: Course, stage: Stage, say: Say, abort: Abort) -> None:
        self._course = course
        self._effects = Effects(course.release, stage, say)
        self._say = say
        self._abort = abort
        self._inherited: dict[tuple[str, type[Step]], Step] = {}

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
        release = self._course.release
        strategy = STRATEGIES.get(release.strategy)
        plan = together({service: strategy(change) for service, change in release.unit.items()})
        pair, seq = next(plan, None), 0
        while pair is not None:
            outcome = await self._outcome(seq, *pair)
            if outcome.verdict == "roll back":
                return str(outcome.details.get("reason", f"{release.unit[pair[0]].new} did not hold up"))
            pair, seq = answered(plan, outcome), seq + 1
        return None

    async def _outcome(self, seq: int, service: str, step: Step) -> Outcome:
        """What came of a step: from the book, or by doing it (again, when it was cut short)."""
        entry = self._course.entry(seq)
        if entry is not None and (entry.service, entry.step) != (service, step):
            now, then = self._text(service, step), self._text(entry.service, entry.step)
            raise ReleaseError(f"the strategy now plans to {now} where it had planned to {then}")
        if entry is not None and entry.outcome is not None:
            self._inherited[service, type(step)] = step
            return entry.outcome
        if entry is None and self._abort.reason is not None and not self._lets_go(seq, step):
            raise _AbortedError
        if isinstance(step, Judge):
            await self._set_up_again()
        entry = entry or self._course.begin(seq, service, step, await self._effects.found(service, step))
        return (await self._done(entry)).outcome or Outcome()

    async def _done(self, entry: Entry) -> Entry:
        self._inherited.pop((entry.service, type(entry.step)), None)
        self._say("info", entry.service, words(entry.step, entry.before))
        work = self._effects.do(entry.service, entry.step)
        may_be_left = isinstance(entry.step, Start | Observe | Judge)
        return self._course.done(entry, await (self._unless_aborted(work) if may_be_left else work))

    async def _set_up_again(self) -> None:
        """Before judging: leased shares and copies that an engine before this one had set up may have ended with it."""
        for (service, _), step in self._inherited.items():
            match step:
                case Shift(leased=True) | Mirror():
                    await self._effects.do(service, step)
        self._inherited.clear()

    def _lets_go(self, seq: int, step: Step) -> bool:
        """Whether this is one more old version to stop after the first: from there on, back is no shorter than in."""
        entry = self._course.entry(seq - 1)
        return _is_stop(step) and entry is not None and _is_stop(entry.step)

    def _text(self, service: str, step: Step) -> str:
        return of_service(service, words(step), self._course.release.unit)

    async def _unless_aborted(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
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


def _is_stop(step: Step) -> bool:
    return isinstance(step, Stop) and step.count == 0
