"""Rules that begin with the same literal, looked at together for as long as none of their secrets is in sight.

"token" stands in every other line of a program and wakes a dozen rules each time. One pattern says for all of them
whether any is still possible, another whether a secret may have begun; only then is each looked at by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from fairlead.apps.guard.engine.packed import Entry
from fairlead.apps.guard.patterns.linear import Linear, linear

MEMORY = 32 << 20
"""Bytes that the states of such a pattern may take."""


class Bundle:
    """The rules of one literal; `rules` are their numbers."""

    def __init__(self, rules: Sequence[int], entries: Sequence[Entry]) -> None:
        self.rules = tuple(rules)
        self._plans = [entries[rule].plan for rule in rules]

    @cached_property
    def _lead(self) -> Linear:
        return linear(self._plans[0].lead, captures=False)

    @cached_property
    def _possible(self) -> Linear:
        pieces = [piece for plan in self._plans for piece in (plan.alive, plan.pattern)]
        return linear("|".join(pieces), captures=False, memory=MEMORY)

    @cached_property
    def _secret(self) -> Linear:
        return linear("|".join(plan.hold for plan in self._plans), captures=False, memory=MEMORY)

    def begins(self, text: bytes, start: int) -> int | None:
        """The first place from `start` on where any of the rules matches or still may."""
        end = len(text)
        if self._possible.match(text, start, end):
            return start
        while led := self._lead.search(text, start, end):
            start = led[0][0]
            if self._possible.match(text, start, end):
                return start
            start += 1
        return None

    def in_sight(self, text: bytes, start: int) -> bool:
        """Whether a secret of any of them may have begun."""
        return self._secret.search(text, max(0, start), len(text)) is not None


def bundled(entries: Sequence[Entry]) -> dict[int, Bundle]:
    """The bundle of each rule that is in one: rules with a literal in common, all of it before the secret."""
    by_lead: dict[str, list[int]] = {}
    for rule, entry in enumerate(entries):
        plan = entry.plan
        if plan.lead and plan.lead == plan.wake and plan.hold and not plan.wake_kept:
            by_lead.setdefault(plan.lead, []).append(rule)
    bundles = [Bundle(rules, entries) for rules in by_lead.values() if len(rules) > 1]
    return {rule: bundle for bundle in bundles for rule in bundle.rules}
