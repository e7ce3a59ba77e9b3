"""What alerts compare: words that are known, metrics, or expressions that can be read."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.kit.suggest import nearest
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.metric_words import WORDS, is_balanced, looks_like_a_word
from fairlead.stack.model import Stack


@rule
def metrics_of_alerts_are_known(stack: Stack) -> Iterator[Finding]:
    """A misspelt word is also an expression (one metric less another), which would never fire."""
    for name, alert in stack.watching.alerts.items():
        metric, here = alert.metric.strip(), ("watching", "alerts", name, "metric")
        if looks_like_a_word(metric) and metric not in WORDS:
            near = nearest(metric, WORDS)
            if "-" in metric or near:
                hint = f"did you mean `{near}`?" if near else f"one of {', '.join(WORDS)}, a metric, or an expression"
                yield Finding(here, f"unknown word: {metric}", hint)
        elif not is_balanced(metric):
            yield Finding(
                here, f"a bracket or a quote is not closed: {metric}", "such as `sum(rate(errors_total[5m]))`"
            )
