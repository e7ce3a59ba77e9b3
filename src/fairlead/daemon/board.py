"""The releases under way, and what a person says to them: promote, abort, pause, resume."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fairlead.daemon.records import History, JournalBook
from fairlead.engine.saying import Say
from fairlead.errors import UsageError
from fairlead.release.history import Release
from fairlead.release.judging.controls import Controls
from fairlead.release.steps import Judge, Mirror, Shift
from fairlead.stack.check.canaries import JUDGED


@dataclass(slots=True)
class UnderWay:
    """One release: how it is spoken to, and how its judgement is seen once that has begun."""

    book: JournalBook
    controls: Controls
    services: tuple[str, ...]
    view: Callable[[], Mapping[str, Any]] = dict

    @property
    def release(self) -> Release:
        """As it stands in the journal."""
        return self.book.read()


class Board:
    """Every release under way, by each of its services."""

    def __init__(self, history: History, now: Callable[[], float]) -> None:
        self._history = history
        self._now = now
        self._under_way: dict[str, UnderWay] = {}

    @contextmanager
    def showing(self, book: JournalBook) -> Iterator[UnderWay]:
        """Let a release be spoken to until the block ends; one that an engine before this one had paused still is."""
        release = book.read()
        found = UnderWay(book, Controls(paused=release.paused), tuple(release.unit))
        self._under_way |= dict.fromkeys(found.services, found)
        try:
            yield found
        finally:
            for service in found.services:
                self._under_way.pop(service, None)

    def judging(self, services: Collection[str] | None = None) -> list[dict[str, Any]]:
        """Every release under judgement now, of these services (`None`: of all), as it is shown."""
        shown = {
            found.services: found
            for service, found in self._under_way.items()
            if services is None or service in services
        }
        return [picture for found in shown.values() if (picture := _picture(found, self._now()))]

    def promote(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead promote`."""
        found, release, who = self._judged(asked)
        found.controls.resume()
        self._history.hold(release.id, None)
        found.controls.promote(who)
        return _said(say, release, f"{release.change.new} gets all requests now", who)

    def abort(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead abort`."""
        found, release, who = self._found(asked)
        found.controls.abort.request(f"aborted by {who}")
        return _said(say, release, f"{release.change.new} is taken back", who)

    def pause(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead pause`."""
        found, release, who = self._judged(asked)
        self._history.hold(release.id, who)
        found.controls.pause(who)
        return _said(
            say, release, f"{release.change.new} keeps its share until `fairlead resume {release.service}`", who
        )

    def resume(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead resume`."""
        found, release, who = self._judged(asked)
        if found.controls.paused is None:
            raise UsageError(f"{asked['service']}: release {release.id} is not paused", hint=_LOOK)
        self._history.hold(release.id, None)
        found.controls.resume()
        return _said(say, release, f"the release of {release.change.new} goes on", who)

    def _judged(self, asked: Mapping[str, Any]) -> tuple[UnderWay, Release, str]:
        """The same, of a strategy that waits for verdicts."""
        found, release, who = self._found(asked)
        if release.strategy not in JUDGED:
            raise UsageError(
                f"{asked['service']}: release {release.id} is not judged, its strategy is {release.strategy}",
                hint=f"`fairlead abort {asked['service']}` takes it back; otherwise it goes on by itself",
            )
        return found, release, who

    def _found(self, asked: Mapping[str, Any]) -> tuple[UnderWay, Release, str]:
        """The release that is meant, and who speaks. Raises `UsageError`."""
        service, wanted = asked["service"], asked.get("release")
        found = self._under_way.get(service)
        if found is None:
            raise UsageError(
                f"{service}: no release is under way", hint=f"`fairlead history {service}` lists those before"
            )
        release = found.release
        if wanted not in (None, release.id):
            raise UsageError(f"{service}: release {wanted} is not under way, {release.id} is", hint=_LOOK)
        if release.state == "undoing":
            raise UsageError(f"{service}: release {release.id} is being taken back already", hint=_LOOK)
        return found, release, asked.get("who") or "somebody"


_LOOK = "`fairlead status` shows how it stands"


def _said(say: Say, release: Release, text: str, who: str) -> dict[str, Any]:
    """What came of it in words, with an entry in the audit trail."""
    say("info", release.service, f"{text} (by {who})")
    return {"text": f"{release.service}: {text} ({release.id})", "release": release.id}


def _picture(found: UnderWay, now: float) -> dict[str, Any] | None:
    """JSON: what the judgement tells, and which release it is of; `None` before it and after it."""
    release = found.release
    if not _is_judged(release):
        return None
    view = found.view() or _before_the_first_look(release)
    deadline_s = view.get("deadline_s")
    return {
        **view,
        "release": release.id,
        "services": list(found.services),
        "strategy": release.strategy,
        "from": release.change.old,
        "to": release.change.new,
        "began": release.began,
        "steps": list(release.change.canary_steps),
        "deadline": None if deadline_s is None else now + deadline_s,
        "paused": found.controls.paused,
    }


def _before_the_first_look(release: Release) -> dict[str, Any]:
    """That there is nothing to be seen yet."""
    new = release.change.new
    shares = [entry.step.shares.get(new, 0.0) for entry in release.steps if isinstance(entry.step, Shift)]
    copies = [entry.step.sample for entry in release.steps if isinstance(entry.step, Mirror)]
    share = shares[-1] if shares else copies[-1] if copies else 0.0
    return {
        "share": share,
        "mirrored": not shares,
        "requests": {},
        "requests_per_s": 0.0,
        "indicators": [],
        "seconds_left": None,
        "waits": "nothing seen yet",
        "at_deadline": "hold",
    }


def _is_judged(release: Release) -> bool:
    """Whether the step under way is a judgement."""
    latest = release.steps[-1] if release.steps else None
    return release.state == "running" and latest is not None and isinstance(latest.step, Judge) and not latest.outcome
