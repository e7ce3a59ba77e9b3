"""Stands before a call whose route is guarded: looks through the prompt, and puts a screen before the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fairlead.apps.guard.findings import Finding, Placeholders
from fairlead.apps.hub.calls import Failure, Unsayable
from fairlead.apps.hub.guarding import looked, verdicts
from fairlead.apps.hub.guarding.bodies import Body, body_of
from fairlead.apps.hub.guarding.looking import Blind, Eyes
from fairlead.apps.hub.guarding.screened import Screened
from fairlead.apps.hub.guarding.swaps import Swaps
from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.shapes import Asked

Go = Callable[[], None]

UNREADABLE = Failure(
    "invalid", "the answers of this route are guarded, and a transcription can't be looked through as a stream", 400
)

log = logging.getLogger(__name__)


class GuardGate:
    """One for a process. `eyes` gives who is asked, by what the configuration says now; `unseen` is told of what
    nobody could look through."""

    def __init__(
        self, eyes: Callable[[], Eyes], placeholders: Callable[[], Placeholders], unseen: verdicts.Unseen
    ) -> None:
        self._eyes = eyes
        self._placeholders = placeholders
        self._told_unseen = unseen
        self._tasks: set[asyncio.Task[None]] = set()

    def minds(self, route: Route, asked: Asked, flight: Flight) -> bool:
        """Whether its route is guarded at all."""
        return route.guard.is_on

    def enter(self, flight: Flight, go: Go) -> None:
        """Look through the prompt."""
        policy, asked = flight.route.guard, flight.asked
        if not self._eyes().ready:
            self._start(self._prepared(flight, go))
            return
        if policy.answers in ("redact", "block") and asked.stream and asked.operation == "transcription":
            flight.refuse(UNREADABLE)
            return
        swaps = Swaps(self._placeholders())
        body = None
        if policy.prompts != "off":
            try:
                body = body_of(flight.exchange.headers.get(b"content-type", b"application/json"), flight.exchange.body)
            except Unsayable as error:
                flight.refuse(Failure("invalid", str(error), 400))
                return
        if body is None or not body.words:
            self._on(flight, go, swaps)
        else:
            self._look(flight, go, swaps, body)

    async def end(self) -> None:
        """Forget what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _look(self, flight: Flight, go: Go, swaps: Swaps, body: Body) -> None:
        texts = looked.texts_of(body)
        try:
            eyes = self._eyes()
            seen = eyes.at_once(texts)
        except Blind as blind:
            self._unseen(flight, go, swaps, blind)
            return
        if seen is not None:
            self._judge(flight, go, swaps, body, seen)
            return
        self._start(self._later(flight, go, swaps, body, eyes))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _prepared(self, flight: Flight, go: Go) -> None:
        """The first one waits until the guard is loaded."""
        try:
            await self._eyes().prepare()
        except Blind as blind:
            if flight.open:
                self._unseen(flight, go, Swaps(self._placeholders()), blind)
            return
        if flight.open:
            self.enter(flight, go)

    async def _later(self, flight: Flight, go: Go, swaps: Swaps, body: Body, eyes: Eyes) -> None:
        try:
            seen = await eyes.look(looked.texts_of(body))
        except Blind as blind:
            if flight.open:
                self._unseen(flight, go, swaps, blind)
            return
        if flight.open:
            self._judge(flight, go, swaps, body, seen)

    def _judge(self, flight: Flight, go: Go, swaps: Swaps, body: Body, seen: Sequence[Sequence[Finding]]) -> None:
        """By what was found in it."""
        action = flight.route.guard.prompts
        found = looked.found_in(body, seen)
        if not found or action == "off":
            self._on(flight, go, swaps)
            return
        findings = [one for _, within in found for one in within]
        flight.findings = verdicts.found("prompt", action, findings)
        for told in flight.desk.found:
            told(flight, flight.findings)
        if action == "block":
            self._screen(flight, swaps)
            flight.refuse(verdicts.blocked("prompt", findings, [words.place for words, _ in found]))
            return
        if action == "redact":
            looked.redact(found, swaps)
            try:
                flight.rewrite(body.written())
            except Unsayable as error:
                flight.refuse(Failure("invalid", str(error), 400))
                return
        self._on(flight, go, swaps)

    def _unseen(self, flight: Flight, go: Go, swaps: Swaps, blind: Blind) -> None:
        """Nobody can be asked."""
        policy = flight.route.guard
        log.warning("a prompt for %s was not looked through: %s", flight.route.label, blind)
        strictest = policy.prompts if policy.prompts != "off" else policy.answers
        allowed = verdicts.allows(policy, strictest)
        self._told_unseen("prompt", allowed)
        if allowed:
            self._on(flight, go, swaps, unasked=True)
        else:
            flight.refuse(verdicts.unseen("prompt"))

    def _on(self, flight: Flight, go: Go, swaps: Swaps, *, unasked: bool = False) -> None:
        self._screen(flight, swaps, unasked=unasked)
        go()

    def _screen(self, flight: Flight, swaps: Swaps, *, unasked: bool = False) -> None:
        """Where the answer is looked through, has placeholders in it, or tells of the prompt."""
        swaps.taking = False
        policy = flight.route.guard
        if policy.answers == "off" and not flight.findings and not unasked:
            return
        screen = Screened(flight, self._eyes, swaps, self._told_unseen, unasked=unasked)
        flight.exchange = screen
        flight.screen = screen
