"""Between an answer and its client: all that a client gets on a guarded route goes through here, cached answers and
those that are shared with others too.

It stands behind everything else, so the cache, followers and other models' copies see the answer with placeholders, and
each client gets its own values back. What was found in an answer is not kept by the cache.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence

from fairlead.apps.guard.findings import Finding
from fairlead.apps.hub.calls import Failure, Unsayable
from fairlead.apps.hub.guarding import looked, verdicts
from fairlead.apps.hub.guarding.bodies import Body, Json, body_of
from fairlead.apps.hub.guarding.looking import Blind, Eyes
from fairlead.apps.hub.guarding.streamed import Streamed
from fairlead.apps.hub.guarding.swaps import Swaps
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.inner import NOWHERE
from fairlead.apps.hub.serving.seams import Found
from fairlead.apps.hub.wire.exchange import Exchange, nothing

CONTENT = re.compile(rb"\r\ncontent-type: ([^\r]*)", re.IGNORECASE)
LOGPROBS = ("logprobs", "logprobsResult")
WORDS = ("chat", "completion")
"""Operations whose streams are words."""


class Screened(Exchange):
    """Stands for the exchange of one flight."""

    __slots__ = (
        "_choked",
        "_clean",
        "_client",
        "_dirty",
        "_eyes",
        "_flight",
        "_over",
        "_stream",
        "_swaps",
        "_task",
        "_told_unseen",
        "_unasked",
    )

    def __init__(
        self,
        flight: Flight,
        eyes: Callable[[], Eyes],
        swaps: Swaps,
        unseen: verdicts.Unseen,
        *,
        unasked: bool = False,
    ) -> None:
        real = flight.exchange
        url = real.path + b"?" + real.query if real.query else real.path
        super().__init__(NOWHERE, real.method, url, real.headers, real.body, real.keep, real.chunked)
        self._client = real
        self._flight = flight
        self._eyes = eyes
        self._swaps = swaps
        self._told_unseen = unseen
        self._unasked: list[verdicts.Side] = ["prompt"] if unasked else []
        self._stream: Streamed | None = None
        self._task: asyncio.Task[None] | None = None
        self._clean: list[Callable[[], None]] = []
        self._dirty = False
        self._over = False
        self._choked = False
        self.gone = real.gone
        real.gone = self._left
        real.stalled = self._stall
        real.flows = self._flow

    @property
    def peer(self) -> str:
        """As of the exchange it stands for."""
        return self._client.peer

    # what the gate and the cache ask of it

    def when_clean(self, do: Callable[[], None]) -> None:
        """Do it once the whole answer has been looked through and nothing was found; else never."""
        if self._over and not self._dirty:
            do()
        elif not self._over:
            self._clean.append(do)

    # from whoever answers

    def answer(self, head: bytes, body: bytes) -> None:
        """A whole answer."""
        if not self.open:
            return
        self.open = False
        parsed = self._parsed(head, body)
        if parsed is None:
            self._give(head, body)
        elif self._flight.route.guard.answers == "off":
            self._judge(head, body, parsed, [()] * len(parsed.words))
        else:
            self._look(head, body, parsed)

    def begin(self, head: bytes) -> None:
        """The beginning of a stream."""
        if not self.open:
            return
        flight = self._flight
        policy = flight.route.guard
        if flight.asked.operation in WORDS and (policy.answers != "off" or self._restores):
            swaps = self._swaps if self._restores else self._swaps.forgetful()
            self._stream = Streamed(flight, self._client, self._eyes, swaps, self)
            if self._dirty:
                self._unasked.append("answer")
        self._client.begin(head + verdicts.line(flight.findings, self._unasked))

    def send(self, data: bytes) -> None:
        """A piece of it."""
        if not self.open or not data:
            return
        if self._stream is None:
            self._client.send(data)
        elif self._stream.send(data):
            self.stalled()

    def end(self) -> None:
        """It is whole."""
        if not self.open:
            return
        self.open = False
        if self._stream is None:
            self._client.end()
            self.ended()
        else:
            self._stream.end()

    def fail(self) -> None:
        """It will never be whole."""
        if self.open:
            self.open = False
            self._dirty = True
            self._client.fail()
            self.ended()

    # from the client

    def _left(self) -> None:
        self._dirty = True
        if self._task is not None:
            self._task.cancel()
        if self._stream is not None:
            self._stream.drop()
        if self.open:
            self.leave()
        self.ended()

    def _stall(self) -> None:
        self._choked = True
        self.stalled()

    def _flow(self) -> None:
        self._choked = False
        if self._stream is None or not self._stream.full:
            self.flows()

    # whole answers

    @property
    def _restores(self) -> bool:
        return self._flight.route.guard.restore and self._swaps.gives_back

    def _parsed(self, head: bytes, body: bytes) -> Body | None:
        if self._flight.route.guard.answers == "off" and not self._restores:
            return None
        match = CONTENT.search(head)
        try:
            return body_of(match[1] if match else b"", body)
        except Unsayable:
            return None

    def _look(self, head: bytes, body: bytes, parsed: Body) -> None:
        texts = looked.texts_of(parsed)
        try:
            eyes = self._eyes()
            seen = eyes.at_once(texts)
        except Blind:
            self._unseen(head, body, parsed)
            return
        if seen is not None:
            self._judge(head, body, parsed, seen)
        else:
            self._task = asyncio.get_running_loop().create_task(self._later(head, body, parsed, eyes))

    async def _later(self, head: bytes, body: bytes, parsed: Body, eyes: Eyes) -> None:
        try:
            seen = await eyes.look(looked.texts_of(parsed))
        except Blind:
            self._unseen(head, body, parsed)
        else:
            self._judge(head, body, parsed, seen)

    def _unseen(self, head: bytes, body: bytes, parsed: Body) -> None:
        policy = self._flight.route.guard
        self._dirty = True
        allowed = verdicts.allows(policy, policy.answers)
        self._told_unseen("answer", allowed)
        if allowed:
            self._unasked.append("answer")
            self._judge(head, body, parsed, [()] * len(parsed.words))
        else:
            self._refuse(verdicts.unseen("answer"))

    def _judge(self, head: bytes, body: bytes, parsed: Body, seen: Sequence[Sequence[Finding]]) -> None:
        flight, action = self._flight, self._flight.route.guard.answers
        found = looked.found_in(parsed, seen)
        told = self.told([one for _, within in found for one in within])
        if found and action == "block":
            self._refuse(verdicts.blocked("answer", [one for _, within in found for one in within]), told)
            return
        changed = bool(found) and action == "redact"
        if changed:
            looked.redact(found, self._swaps)
            if isinstance(parsed, Json):
                parsed.drop(*LOGPROBS)
        if self._restores and looked.restore(parsed, self._swaps):
            changed = True
        try:
            body = parsed.written() if changed else body
        except Unsayable as error:
            self._refuse(Failure("provider", f"the answer {error}", 502))
            return
        self._give(head, body, verdicts.line([*flight.findings, *told], self._unasked))

    def _give(self, head: bytes, body: bytes, line: bytes | None = None) -> None:
        told = verdicts.line(self._flight.findings, self._unasked) if line is None else line
        self._client.answer(head + told, body)
        self.ended()

    def _refuse(self, failure: Failure, told: Sequence[Found] = ()) -> None:
        self._dirty = True
        status, headers, body = self._flight.shape.write_failure(failure)
        lines = "".join(f"\r\n{name}: {value}" for name, value in headers.items()).encode("latin-1", "replace")
        id = self._flight.id.encode()
        seen = verdicts.line([*self._flight.findings, *told], self._unasked)
        self._give(heads.line(status) + lines + (b"\r\nx-request-id: " + id if id else b""), body, seen)

    # for what becomes of it

    def told(self, findings: Sequence[Finding]) -> Sequence[Found]:
        """Secrets in the answer."""
        action = self._flight.route.guard.answers
        if not findings or action == "off":
            return ()
        self._dirty = True
        seen = verdicts.found("answer", action, findings)
        for watcher in self._flight.desk.found:
            watcher(self._flight, seen)
        return seen

    def spoilt(self) -> None:
        """It is not to be given to anybody else."""
        self._dirty = True

    def unseen(self, allowed: bool) -> None:
        """Nobody could look all of it through."""
        self._dirty = True
        self._told_unseen("answer", allowed)

    def roomy(self) -> None:
        """The guard has caught up; the client may not have."""
        if not self._choked:
            self.flows()

    def ended(self) -> None:
        """All of it was given, or will never be."""
        if self._over:
            return
        self._over = True
        clean, self._clean = self._clean, []
        self._task = self._stream = None
        if not self._dirty:
            for do in clean:
                do()
        self.gone = self.stalled = self.flows = nothing
