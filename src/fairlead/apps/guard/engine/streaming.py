"""Looks through a text that comes in pieces, and says what of it may be let out.

A piece is let out when no secret that begins in it could still be under way. Three things say so: the automaton wakes
a rule when its literal has gone by; the pattern of an awake rule, cut (`patterns.cutting`), says whether and from where
a match is still possible; and before a rule is awake, the `tail` of all rules says where a literal may have begun.
What is found is what a scan of the whole text finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from fairlead.apps.guard.engine.bundles import Bundle
from fairlead.apps.guard.engine.pack import Pack
from fairlead.apps.guard.engine.plan import CLOSE, LONGEST
from fairlead.apps.guard.engine.probe import LINE, Hit, Probe, character_start, resolved

Piece: TypeAlias = bytes | tuple[Hit, bytes]
"""A part of the text as it was, or a secret in it: where in the whole text it stands, and its value."""

_SPARE = 4096
"""Bytes that are let go of at once, so that the text is not copied for each piece."""


class Flow:
    """One text. Offsets of hits count bytes of the whole of it."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._watch = pack.automaton.watch()
        self._text = b""
        self._gone = 0
        """Bytes of the whole that are no longer in `_text`."""
        self._sent = 0
        """Bytes of `_text` that were let out."""
        self._awake: dict[int, tuple[int, int]] = {}
        """Rules that may be under way: from where in the whole their match and their secret may begin."""
        self._asleep: dict[Bundle, tuple[int, int]] = {}
        """Bundles of such rules of which no secret is in sight, with the same."""
        self._after: dict[int, int] = {}
        """Where in the whole the last match of a rule ended: the next begins there at the earliest."""
        self._found: list[Hit] = []
        self._context = pack.reach + LINE

    def feed(self, chunk: bytes) -> Sequence[Piece]:
        """More of it: what may be let out by now."""
        known = len(self._text)
        self._text += chunk
        places = self._watch.feed(self._text, self._gone, known, self._sent)
        for rule, start, secret in places:
            bundle = self._pack.bundles.get(rule)
            if bundle is None:
                self._wake(rule, start, secret)
            else:
                known_start, known_secret = self._asleep.get(bundle, (start, secret))
                self._asleep[bundle] = min(start, known_start), min(secret, known_secret)
        if self._asleep:
            self._roused()
        bound = self._tail()
        if self._awake:
            bound = min(bound, self._settled(final=False))
        return self._let_out(bound)

    def close(self) -> Sequence[Piece]:
        """There is no more: the rest of it."""
        for bundle in list(self._asleep):
            self._rouse(bundle)
        self._settled(final=True)
        return self._let_out(len(self._text))

    def _wake(self, rule: int, start: int, secret: int) -> None:
        """Has a rule looked at from a place of the whole on, or from the earlier one where it is looked at already."""
        known_start, known_secret = self._awake.get(rule, (start, secret))
        start = max(min(start, known_start), self._after.get(rule, 0), self._gone)
        self._awake[rule] = start, min(secret, known_secret)

    def _roused(self) -> None:
        """Lets go of the bundles of which no rule is possible, and wakes the rules of those with a secret in sight."""
        for bundle, (start, secret) in list(self._asleep.items()):
            begins = bundle.begins(self._text, max(0, start - self._gone))
            if begins is None:
                del self._asleep[bundle]
            elif bundle.in_sight(self._text, max(begins, secret - self._gone - 1)):
                self._rouse(bundle)
            else:
                self._asleep[bundle] = begins + self._gone, secret

    def _rouse(self, bundle: Bundle) -> None:
        start, secret = self._asleep.pop(bundle)
        for rule in bundle.rules:
            self._wake(rule, start, secret)

    def _tail(self) -> int:
        """From where a literal of some rule may have begun."""
        end = len(self._text)
        spans = self._pack.tail.search(self._text, max(0, self._sent - CLOSE, end - self._pack.tail_width - CLOSE), end)
        return max(spans[0][0], self._sent) if spans else end

    def _settled(self, *, final: bool) -> int:
        """Decides all that can be decided; gives back from where a secret may be under way."""
        bound = len(self._text)
        for rule in list(self._awake):
            probe = self._pack.probes[rule]
            alive = self._decided(rule, probe, final)
            if alive is None:
                del self._awake[rule]
                continue
            secret = self._awake[rule][1]
            self._awake[rule] = alive + self._gone, secret
            bound = min(bound, probe.held(self._text, alive, secret - self._gone))
        return bound

    def _decided(self, rule: int, probe: Probe, final: bool) -> int | None:
        """Takes the matches of a rule that no further byte can change; gives back where the next may be under way."""
        text = self._text
        start = self._awake[rule][0] - self._gone
        while True:
            alive = None if final else probe.alive(text, start)
            overlong = alive is not None and len(text) - alive > LONGEST
            spans = probe.next(text, start, len(text)) if alive is None or overlong or alive > start else None
            if spans and (alive is None or spans[0][0] < alive or (overlong and spans[0][0] == alive)):
                start = max(spans[0][1], spans[0][0] + 1)
                self._after[rule] = start + self._gone
                if hit := probe.judged(text, spans):
                    self._found.append(hit.moved(self._gone))
            elif overlong and alive is not None:
                start = alive + 1
            else:
                return alive

    def _let_out(self, bound: int) -> Sequence[Piece]:
        if not self._found:
            bound = character_start(self._text, bound)
            pieces: list[Piece] = [self._text[self._sent : bound]] if bound > self._sent else []
        else:
            bound = self._unbroken(bound)
            pieces = self._pieces(bound)
        self._sent = max(self._sent, bound)
        self._forget()
        return pieces

    def _unbroken(self, bound: int) -> int:
        """The bound moved back before whatever it would cut: a hit, or a character."""
        while straddled := [hit.start for hit in self._found if hit.start < bound + self._gone < hit.end]:
            bound = min(straddled) - self._gone
        return character_start(self._text, bound)

    def _pieces(self, bound: int) -> list[Piece]:
        """The text up to the bound, parted at the secrets in it."""
        end = bound + self._gone
        ready = resolved([hit for hit in self._found if hit.end <= end])
        self._found = [hit for hit in self._found if hit.end > end]
        pieces: list[Piece] = []
        at = self._sent
        for hit in ready:
            start = hit.start - self._gone
            if start > at:
                pieces.append(self._text[at:start])
            at = hit.end - self._gone
            pieces.append((hit, self._text[start:at]))
        if bound > at:
            pieces.append(self._text[at:bound])
        return pieces

    def _forget(self) -> None:
        """Lets go of what nothing will look at again."""
        starts = (start - self._gone for start, _ in (*self._awake.values(), *self._asleep.values()))
        needed = min((self._sent, *starts))
        spare = needed - self._context
        if spare > _SPARE:
            self._text = self._text[spare:]
            self._gone += spare
            self._sent -= spare
