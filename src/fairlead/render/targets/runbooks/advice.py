"""What is done about an alert, by what it measures; each line is one thing to look at or to do, the likeliest first."""

from __future__ import annotations

RELEASE = "Was it released just now? Take it back (below): that is the quickest way to be well again."
STORES = "Look at what it needs: a store that is slow or away makes everything above it fail."
MORE = "Give it more instances (below) when the load has risen, and look at the load's source."

_SLOW = (
    RELEASE,
    MORE,
    STORES,
    "Compare p50 with p99: both high is load or a store; only p99 is a few requests or one instance.",
)
_FIRST = (RELEASE, "Compare providers on the dashboard `services`: a slow one is taken out of its route.", MORE)

ADVICE: dict[str, tuple[str, ...]] = {
    "down": (RELEASE, "Read why it ended: its last lines, and the cluster's events.",
             "Killed for memory (exit code 137)? Raise `resources.memory.limit`, then look for what grew.", STORES),
    "errors": (RELEASE, "Read the errors in its log; are they of one route, one provider, one instance?", STORES, MORE),
    "budget": (RELEASE, "Find which requests fail in its log, and since when on the dashboard `services`.", STORES,
               "When the budget is gone, release nothing but mends until it is positive again."),
    "absent": ("Does the service run, and is its metrics port open to Prometheus?",
               "Look at the page `/targets` of Prometheus for the error of the scrape.",
               "A service that has had no request since its start tells no requests: it ends with the first one."),
    "cpu": (MORE, RELEASE, "One busy instance among idle ones: is traffic spread, is a loop stuck?"),
    "memory": ("Restart the largest instance when it grows without end, and keep a heap profile before that.", RELEASE,
               "Raise `resources.memory.limit` when the load has grown for good."),
    "disk": ("Find what grew: logs, a store's own logs of changes, old backups.",
             "Raise the store's `size` (a volume grows while it is in use, and never shrinks).",
             "Postgres with a full disk stops: free space outside of its data directory first."),
    "database-connections": ("Which service holds them? Look at `pg_stat_activity` (below).",
                             "End sessions that have been idle in a transaction for long.",
                             "Add `pooling` to the store, or lower the pool of the service."),
    "database-down": ("Is the server running, and is its disk full?", "With replicas: has another one taken over?",
                      "If the data is lost, go on with [disaster recovery](../disaster-recovery.md)."),
    "redis-down": ("Is the server running, and was it killed for memory?",
                   "A cache fills again by itself; expect slower answers and more load on what is behind it."),
    "cost-increase": ("Which route or provider costs more? See the dashboard `business`.",
                      "Longer prompts or answers, a dearer fallback in use, or fewer answers from the cache?",
                      "Set a budget for the key or team that it comes from."),
    "cost-per-request": ("Which route or provider costs most? See the dashboard `business`.",
                         "Is a fallback in use that is dearer than the first choice?"),
    "quality": (RELEASE, "Compare the scores by model: has a provider changed one?",
                "Go back to the model or prompt that was in use before."),
    "drift": ("What has changed: the questions, or the answers? Look at samples of both.",
              "Take a new base when the change is wanted."),
    "cache-hit-rate": ("Was the cache emptied or restarted? It fills again by itself.",
                       "Have prompts changed, so that equal questions are no longer equal?"),
    "redis-hit-rate": ("Was it restarted, or are keys evicted (dashboard `cache`)? Raise its memory.",
                       "Have keys or times to live changed with a release?"),
    "queue-depth": (MORE, "Do consumers work at all, or do they fail and try again?", STORES),
    "requests": ("Is it wanted load? Raise `scale.max`, and what the stores can take.",
                 "Is it one client? Lower `traffic.rate_limit`."),
    "in-flight": ("Is it wanted load? Raise `scale.max`.", "Slow answers pile up too: look at response times first."),
    "failed-releases": ("Read what the release was taken back for (below).", "Mend it, and release again."),
    "certificate-days": ("Go on with [certificates](../certificates.md).",),
    "budget-left": ("Whose budget? The alert's labels name the key or team.",
                    "Raise the limit, or tell them that requests will be refused."),
    "provider-errors": ("Look at the provider's status page, then at its errors in the log.",
                        "Put another provider first in the route."),
    "hub": ("`/health/detailed` on the metrics port tells the same part by part, with the provider or store.",
            "A provider that fails: put another one first in its route.",
            "A store that is away: requests go on; bring it back before the disk for records is full."),
    "own": ("Look at the expression of the alert in Prometheus, and since when it is so.", RELEASE, STORES),
    **{f"latency-p{quantile}": _SLOW for quantile in (50, 95, 99)},
    **{f"first-token-p{quantile}": _FIRST for quantile in (50, 95, 99)},
}  # fmt: skip
"""By the word of the alert."""


def advice(kind: str) -> tuple[str, ...]:
    """For any alert."""
    return ADVICE.get(kind, ADVICE["own"])
