"""What is said once in a judgement, when it becomes true, and again when it is over."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.engine.saying import Say
from fairlead.kit.quantity import format_duration
from fairlead.release.judging.answers import Situation

PATIENCE = 3
"""Looks in a row without evidence before that is news: sources stutter."""


class News:
    """Remembers what has been said."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._said: dict[str, str] = {}
        self._silent: dict[str, int] = {}

    def tell(self, now: Situation, lead: str) -> None:
        """Say what is new."""
        current = dict(self._current(now, lead))
        for topic, text in current.items():
            if topic not in self._said:
                self._say("warning", lead, text)
        for topic in self._said.keys() - current.keys():
            if topic in _OVER:
                self._say("info", lead, _OVER[topic])
        self._said = current

    def _current(self, now: Situation, lead: str) -> Iterator[tuple[str, str]]:
        if silent := self._for_long(now):
            yield "silent", f"no evidence from {silent}: the share stays as it is until there is"
        if now.burning:
            yield "burning", f"nothing moves while {'; '.join(now.burning)}"
        if now.paused:
            yield "paused", f"paused by {now.paused}: the share stays as it is"
        if now.overdue:
            yield "overdue", f"no verdict within {format_duration(now.deadline_s)}: {_then(now, lead)}"

    def _for_long(self, now: Situation) -> str:
        silent = {name: evidence.silent for name, evidence in now.found.evidence.items() if evidence.silent}
        self._silent = {name: self._silent.get(name, 0) + 1 for name in silent}
        return ", ".join(f"{name} ({silent[name]})" for name, looks in self._silent.items() if looks >= PATIENCE)


_OVER = {
    "silent": "every source tells again what it sees",
    "burning": "the service as a whole answers well again",
    "paused": "goes on",
}


def _then(now: Situation, lead: str) -> str:
    match now.at_deadline:
        case "hold":
            return "it is judged on at its present share"
        case "ask":
            return f"`fairlead promote {lead}` or `fairlead abort {lead}`"
        case "roll back":
            return "it is taken back"
