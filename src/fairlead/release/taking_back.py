"""Takes a release back: undoes what was done, newest step first, and goes on when one step can't be undone.

Requests come before tidiness: a version that still holds requests is never brought down to nothing, and the way back
of a migration is not run while the version that needed it is there.
"""

from __future__ import annotations

from fairlead.engine.saying import Say
from fairlead.errors import ReleaseError, StateError
from fairlead.kit.clock import Clock
from fairlead.release.course import Course
from fairlead.release.entry import Entry
from fairlead.release.stage import Stage
from fairlead.release.steps import Mirror, RunHook, Shift, Start, Stop
from fairlead.release.undoing import overruled_by, to_undo
from fairlead.release.words import of_service, way_back_in_words

PAUSES_S = (0.0, 1.0, 5.0)
"""Pauses before each try to undo what is left: a router or a program may need a moment."""


async def take_back(course: Course, stage: Stage, clock: Clock, say: Say) -> list[str]:
    """Undo what is to be undone; what could not be, in words. Each undoing is written down, so this can be repeated."""
    problems: list[str] = []
    for pause_s in PAUSES_S:
        if not to_undo(course.entries):
            break
        await clock.sleep(pause_s)
        problems = [problem for entry in to_undo(course.entries) if (problem := await _try(entry, course, stage, say))]
    for service in course.release.unit:
        await _keep_warm_what_stays(service, course, stage, say)
    return problems if to_undo(course.entries) else []


async def _try(entry: Entry, course: Course, stage: Stage, say: Say) -> str | None:
    text = way_back_in_words(entry.step, entry.before)
    if text:
        say("info", entry.service, text)
    try:
        await _undo(entry, course, stage)
    except StateError:
        raise
    except Exception as error:  # whatever it was, the rest has to be undone all the same
        problem = f"{text}: {error}"
        say("warning", entry.service, f"not undone: {problem}")
        return of_service(entry.service, problem, course.release.unit)
    course.undone(entry)
    for passed in overruled_by(entry, course.entries):
        course.undone(passed)
    return None


async def _undo(entry: Entry, course: Course, stage: Stage) -> None:
    match entry.step:
        case Shift():
            await stage.shift(entry.service, entry.before)
        case Mirror(version):
            await stage.mirror(entry.service, version, 0.0)
        case Start(version) | Stop(version):
            await _scale_back(entry, version, course, stage)
        case RunHook("migrate"):
            _nothing_newer_is_left(entry, course)
            await stage.hook(entry.service, course.release.unit[entry.service].new, "migrate-down")


async def _scale_back(entry: Entry, version: str, course: Course, stage: Stage) -> None:
    count = int(entry.before[version])
    if count == 0 and (await stage.shares(entry.service)).get(version):
        raise ReleaseError(f"{version} still holds requests and goes on running")
    await stage.scale(entry.service, version, count, drain_s=course.release.unit[entry.service].drain_s)


def _nothing_newer_is_left(entry: Entry, course: Course) -> None:
    newer = [other for other in to_undo(course.entries) if other.seq > entry.seq]
    if any(other.service == entry.service for other in newer):
        raise ReleaseError(f"{course.release.unit[entry.service].new} may still use what the migration has made")


async def _keep_warm_what_stays(service: str, course: Course, stage: Stage, say: Say) -> None:
    """A version that ran without requests before the release does so again, for as long as a version is kept warm."""
    change = course.release.unit[service]
    try:
        holds = (await stage.shares(service)).get(change.new)
        if not holds and (await stage.counts(service)).get(change.new):
            await stage.retire(service, change.new, 0, change.warm_s)
    except StateError:
        raise
    except Exception as error:
        say("warning", service, f"{change.new} is left running without requests: {error}")
