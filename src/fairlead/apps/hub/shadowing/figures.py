"""What comparisons add up to, for the metrics: sums, by which the mean of anything can be had for any time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fairlead.apps.hub.figures import Figure
from fairlead.apps.hub.serving.seams import Comparison
from fairlead.apps.hub.shadowing.errands import NANO, Errands

P = "fairlead_hub_shadow_"
Key = tuple[str, str, str]
"""Metric, route, and whose (`client`, `shadow`) where both have one."""

WORDS: Mapping[str, str] = {
    "answers_total": "Answers to copies that were compared with the client's.",
    "similarity_total": "Likeness of the words of both answers, 0 to 1, summed up over those measured.",
    "measured_total": "Answers whose likeness could be told.",
    "same_finish_total": "Answers that ended in the same way, as by themselves or at their limit.",
    "refusals_total": "Answers that refuse.",
    "characters_total": "Characters of answers.",
    "latency_seconds_total": "Seconds to the whole answer, summed up.",
    "cost_usd_total": "What answers have cost in US dollars.",
}


class Sums:
    """Of all comparisons of one process."""

    def __init__(self, errands: Errands) -> None:
        self._errands = errands
        self._sums: dict[Key, float] = {}

    def add(self, one: Comparison) -> None:
        """One more; a copy that failed is counted among the outcomes only."""
        self._add("cost_usd_total", one.route, "shadow", one.shadow_cost_nano / NANO)
        if one.failure is not None:
            return
        self._add("cost_usd_total", one.route, "client", one.client_cost_nano / NANO)
        self._add("answers_total", one.route, "", 1)
        self._add("same_finish_total", one.route, "", one.same_finish)
        if one.similarity is not None:
            self._add("similarity_total", one.route, "", one.similarity)
            self._add("measured_total", one.route, "", 1)
        for whose, refused, characters, seconds in (
            ("client", one.client_refused, one.client_characters, one.client_s),
            ("shadow", one.shadow_refused, one.shadow_characters, one.shadow_s),
        ):
            self._add("refusals_total", one.route, whose, refused)
            self._add("characters_total", one.route, whose, characters)
            self._add("latency_seconds_total", one.route, whose, seconds)

    def figures(self) -> Iterable[Figure]:
        """For the metrics."""
        outcomes = [
            ({"route": route, "outcome": outcome}, float(n)) for (route, outcome), n in self._errands.outcomes.items()
        ]
        yield Figure(f"{P}copies_total", "counter", "Prompts picked to be copied, by what became of them.", outcomes)
        yield Figure(f"{P}under_way", "gauge", "Copies under way.", [({}, float(self._errands.under_way))])
        for name, words in WORDS.items():
            yield Figure(f"{P}{name}", "counter", words, self._samples(name))

    def _samples(self, name: str) -> list[tuple[Mapping[str, str], float]]:
        return [
            ({"route": route} | ({"of": whose} if whose else {}), value)
            for (metric, route, whose), value in self._sums.items()
            if metric == name
        ]

    def _add(self, name: str, route: str, whose: str, value: float) -> None:
        key = name, route, whose
        self._sums[key] = self._sums.get(key, 0.0) + value
