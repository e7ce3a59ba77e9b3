"""The words that `watching.alerts.*.metric` knows; whatever else stands there is a metric's name or an expression."""

from __future__ import annotations

import re

WORDS = {
    "down": "instances of a service that can't be asked for their metrics; 1 when there is none at all",
    "errors": "part of a service's requests that failed",
    "latency-p50": "seconds within which half of a service's requests were answered",
    "latency-p95": "seconds within which 95 % of a service's requests were answered",
    "latency-p99": "seconds within which 99 % of a service's requests were answered",
    "first-token-p50": "seconds to the first token of half of a service's streamed answers",
    "first-token-p95": "seconds to the first token of 95 % of a service's streamed answers",
    "first-token-p99": "seconds to the first token of 99 % of a service's streamed answers",
    "requests": "requests per second of a service",
    "in-flight": "requests under way of a service",
    "queue-depth": "what waits in a service",
    "cache-hit-rate": "part of the answers that came from a service's cache",
    "cost-per-request": "mean cost of a service's requests in US dollars",
    "cost-increase": "by what part a service's mean cost of a request is above the day before",
    "quality": "mean quality score of a service's answers, 0 to 1",
    "drift": "largest drift score of a service",
    "cpu": "part of its CPU limit that the busiest instance of a service uses",
    "memory": "part of its memory limit that the largest instance of a service holds",
    "restarts": "starts of a service's instances in the last hour",
    "open-files": "part of the files that an instance of a service may open",
    "disk": "part of the fullest disk that is used: of a machine, or of a volume in a cluster",
    "node-cpu": "part of the busiest machine's CPU that is used",
    "node-memory": "part of the fullest machine's memory that is used",
    "database-connections": "part of a Postgres server's connections that is taken",
    "database-down": "1 while a Postgres server does not answer",
    "replication-lag": "seconds that a Postgres replica is behind",
    "redis-down": "1 while a Redis server does not answer",
    "redis-memory": "part of its memory limit that a Redis server holds",
    "redis-hit-rate": "part of the keys looked for in Redis that were there",
    "kafka-lag": "messages that consumers of Kafka have not read yet",
    "kafka-under-replicated": "partitions of Kafka with fewer copies than wanted",
    "search-health": "2 while a search cluster is red, 1 while yellow",
    "failed-releases": "releases that did not get in, in the last hour",
    "certificate-days": "days until the first certificate ends",
    "budget-left": "part of the smallest budget of money of a hub that is left",
    "provider-errors": "attempts per second that a provider of a hub failed",
}
"""Word -> what it is; parts are of one, times are seconds."""

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^{}]*\})?")
_WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def is_metric(text: str) -> bool:
    """Whether it is the name of one metric, perhaps with label matchers, rather than an expression."""
    return _METRIC.fullmatch(text.strip()) is not None


def looks_like_a_word(text: str) -> bool:
    """Whether somebody who wrote it meant a word: `latency-p90` is also an expression, but nobody's."""
    return _WORD.fullmatch(text) is not None and "_" not in text and ("-" in text or text.isalpha())


def is_balanced(text: str) -> bool:
    """Whether each bracket of an expression is closed, outside of quotes."""
    open_ones: list[str] = []
    quote = ""
    for before, sign in zip(" " + text, text, strict=False):
        if quote:
            quote = "" if sign == quote and before != "\\" else quote
        elif sign in "\"'`":
            quote = sign
        elif sign in "([{":
            open_ones.append(sign)
        elif sign in ")]}" and (not open_ones or open_ones.pop() != {")": "(", "]": "[", "}": "{"}[sign]):
            return False
    return not open_ones and not quote
