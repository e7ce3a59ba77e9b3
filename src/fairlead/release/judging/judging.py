"""The loop that judges a running canary: it holds the lease, looks, keeps what it saw, and answers.

It makes no decision of its own: where things stand is `standing`, what is concluded from it `answers`, both pure. What
is kept in the book is all that a judgement of the same release needs to go on where this one was cut short.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from fairlead.engine.saying import Say
from fairlead.errors import StateError
from fairlead.kit.clock import Clock
from fairlead.release.book import Book
from fairlead.release.judge import Verdict
from fairlead.release.judging.answers import Situation, answer
from fairlead.release.judging.bench import Bench
from fairlead.release.judging.controls import Controls
from fairlead.release.judging.listener import Find
from fairlead.release.judging.news import News
from fairlead.release.judging.observation import Observation, policies_of, policies_to_record, to_record
from fairlead.release.judging.replay import counted, resumed
from fairlead.release.judging.standing import Standing, after, begun
from fairlead.release.judging.subject import Subject
from fairlead.release.judging.verdicts import named, verdict
from fairlead.release.judging.view import line, view
from fairlead.release.sources import SOURCES
from fairlead.release.steps import Judge, Outcome

TICK_S = 2.0
"""From one look to the next."""

FORECAST_EVERY_S = 10.0
"""How often the time still needed is worked out: that takes longer than all the rest of a look."""

Unit = Mapping[str, Subject]
Renew = Callable[[], Awaitable[bool]]


class Judging:
    """The judgement of one release, from its first share to its last.

    `renew` holds the present shares for another while, those of every service. It says whether they were in force
    without a break since it was asked last; when they were not, it has put them in force again, if it could. It is
    also asked whenever the sources are about to be opened.
    """

    def __init__(
        self,
        book: Book,
        clock: Clock,
        controls: Controls,
        renew: Renew,
        say: Say,
        *,
        find: Find = SOURCES.get,
        redact: Callable[[str], str] = str,
    ) -> None:
        self._book = book
        self._clock = clock
        self._controls = controls
        self._renew = renew
        self._find = find
        self._redact = redact
        self._news = News(say)
        self._say = say
        self._units: dict[str, set[str]] = {}
        self._needed: tuple[float, Verdict] | None = None
        self._looked = 0.0
        self.standing: Standing = begun({})
        """What is remembered."""
        self.view: Mapping[str, Any] = {}
        """The judgement as it stands, for whoever wants to see it; empty before the first look."""

    async def judge(self, step: Judge, unit: Unit) -> Outcome:
        """Compare the new versions with the present ones until `step` is answered; `unit` has the one that leads first.

        May be cancelled at any moment, and called again, by this judgement or by another one on the same book.
        """
        self._recall(unit)
        self._needed = None
        benches = {service: Bench(subject, self._find, self._redact) for service, subject in unit.items()}
        try:
            await self._open(benches)
            while True:
                await self._tick()
                await self._look(benches)
                if (outcome := self._answer(step, unit)) is not None:
                    return outcome
        finally:
            await asyncio.gather(*(bench.close() for bench in benches.values()))

    def _recall(self, unit: Unit) -> None:
        """Take up where the book ends; a judgement that has not begun begins."""
        if self.standing.cases:
            return
        records = self._book.observations()
        if policies_of(records) is None:
            self._book.observe(policies_to_record({service: subject.policy for service, subject in unit.items()}))
            records = self._book.observations()
        self.standing = resumed(records)
        self._units = counted(records)

    async def _open(self, benches: Mapping[str, Bench]) -> None:
        """Count from now on, under shares that are in force."""
        await self._held()
        sights = await asyncio.gather(
            *(
                bench.open(self.standing.cases[service], frozenset(self._units.get(service, ())))
                for service, bench in benches.items()
            )
        )
        self._keep(dict(zip(benches, sights, strict=True)))
        self._looked = self._clock.monotonic()

    async def _look(self, benches: Mapping[str, Bench]) -> None:
        """See what happened since the look before; begin anew when the shares did not hold meanwhile."""
        held = await self._held()
        now = self._clock.monotonic()
        seconds, self._looked = now - self._looked, now
        sights = await asyncio.gather(*(bench.look(seconds, held) for bench in benches.values()))
        observation = dict(zip(benches, sights, strict=True))
        self._keep(observation)
        if not held:
            self._say(
                "warning", next(iter(benches)), "the shares lapsed for a moment: what was seen then does not count"
            )
        if any(sight.batch.share is None for sight in sights):
            await self._open(benches)

    async def _held(self) -> bool:
        """Whether the shares were in force all the time; a router that does not answer does not say so."""
        try:
            return await self._renew()
        except StateError:
            raise
        except Exception:
            return False

    def _keep(self, observation: Observation) -> None:
        """Written down before it is thought about: a verdict never rests on what a crash could undo."""
        self._book.observe(to_record(observation))
        self.standing = after(self.standing, observation)
        for service, sight in observation.items():
            self._units.setdefault(service, set()).update(sight.units)

    def _answer(self, step: Judge, unit: Unit) -> Outcome | None:
        now = self._situation(step, unit)
        self.view = view(now, unit)
        lead = next(iter(unit))
        self._news.tell(now, lead)
        self._say("progress", lead, line(self.view))
        return answer(now)

    def _situation(self, step: Judge, unit: Unit) -> Situation:
        policy = next(iter(unit.values())).asked.policy
        return Situation(
            step=step,
            standing=self.standing,
            found=self._verdict(),
            deadline_s=policy.deadline,
            at_deadline=policy.at_deadline,
            paused=self._controls.paused,
            promoted=self._controls.promoted,
            burning=[
                named(self.standing, service, burning, ": ")
                for service, subject in unit.items()
                if (burning := self.standing.cases[service].window.burning(subject.objectives))
            ],
        )

    def _verdict(self) -> Verdict:
        """The verdict, with a forecast that is some seconds old at most."""
        now = self._clock.monotonic()
        if self._needed is None or now - self._needed[0] >= FORECAST_EVERY_S:
            self._needed = now, verdict(self.standing)
            return self._needed[1]
        found = verdict(self.standing, forecast=False)
        return replace(found, needed=self._needed[1].needed) if found.kind == "hold" else found

    async def _tick(self) -> None:
        """Wait for the next look, or until a person says something."""
        waiting = [asyncio.ensure_future(self._clock.sleep(TICK_S)), asyncio.ensure_future(self._controls.heard())]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
