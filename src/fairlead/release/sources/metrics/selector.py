"""Which series of a metric are meant: `llm_errors_total{kind="provider",model=~"gpt.*"}`, as Prometheus writes it.

https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors - a name and matchers, no more:
functions, ranges and quoted names are refused, since nobody here evaluates them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.errors import UsageError

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\\n]|\\.)*)"\s*', re.ASCII)
ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a label that is not there is an empty one. Patterns have to fit as a whole."""

    label: str
    how: str
    value: str

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether these labels pass."""
        found = labels.get(self.label, "")
        same = re.fullmatch(self.value, found) is not None if "~" in self.how else found == self.value
        return same != self.how.startswith("!")


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric's name and the conditions on its labels."""

    name: str
    matchers: tuple[Matcher, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Read one; `UsageError` names what is wrong with it."""
        name = NAME.match(text.strip())
        if not name:
            raise _wrong(text, "should begin with the name of a metric")
        rest = text.strip()[name.end() :].strip()
        return cls(name[0], _matchers(text, rest) if rest else ())

    def named(self, ending: str) -> Selector:
        """The same conditions on one of the metric's parts, such as `_sum`."""
        return Selector(self.name + ending, self.matchers)

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether a series with these labels is meant."""
        return all(matcher.fits(labels) for matcher in self.matchers)

    @property
    def needed(self) -> list[str]:
        """The labels that a series must have to be meant."""
        return [matcher.label for matcher in self.matchers if not matcher.fits({})]


def _matchers(text: str, rest: str) -> tuple[Matcher, ...]:
    if not rest.startswith("{") or not rest.endswith("}"):
        raise _wrong(text, "should be a name, with label matchers in braces or none")
    found, at, inside = [], 0, rest[1:-1]
    while inside[at:].strip():
        matcher = MATCHER.match(inside, at)
        if not matcher:
            raise _wrong(text, f"can't read `{inside[at:].strip()}`")
        found.append(_matcher(text, *matcher.groups()))
        at = matcher.end()
        if inside[at : at + 1] not in ("", ","):
            raise _wrong(text, f"expected a comma before `{inside[at:].strip()}`")
        at += 1
    return tuple(found)


def _matcher(text: str, label: str, how: str, quoted: str) -> Matcher:
    value = re.sub(r"\\(.)", lambda found: _unescaped(text, found[1]), quoted)
    if "~" in how:
        try:
            re.compile(value)
        except re.error as error:
            raise _wrong(text, f"the pattern of `{label}` can't be read: {error}") from None
    return Matcher(label, how, value)


def _unescaped(text: str, sign: str) -> str:
    if sign not in ESCAPES:
        raise _wrong(text, f"there is no escape \\{sign}; a backslash in a pattern is written twice")
    return ESCAPES[sign]


def _wrong(text: str, why: str) -> UsageError:
    return UsageError(f"metric `{text}`: {why}", hint='write it as `name` or `name{label="value", other=~"pattern"}`')
