"""By which metrics a service tells of its requests: Fairlead's own apps by theirs, all others by common names.

The common names are those of Prometheus' client libraries (`http_requests_total` with a label `code`,
`http_request_duration_seconds`) and of OpenTelemetry's conventions for generative AI.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fairlead.stack.model.service import Service


@dataclass(frozen=True, slots=True)
class Counted:
    """A counter, with matchers that pick some of its series, and labels of one such series."""

    metric: str
    matchers: str = ""
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Family:
    """The metrics of a kind of service."""

    requests: str = "http_requests_total"
    failures: Counted = Counted("http_requests_total", 'code=~"5.."', {"code": "500"})
    successes: Counted = Counted("http_requests_total", "", {"code": "200"})
    """What a rehearsal feeds beside failures, where both are one counter."""
    duration: str = "http_request_duration_seconds"
    first_token: str = "gen_ai_server_time_to_first_token_seconds"  # noqa: S105 - a metric
    in_flight: str = "http_requests_in_flight"
    queue: str = "queue_depth"
    hits: Counted = Counted("cache_hits_total")
    misses: Counted = Counted("cache_misses_total")
    cost: str = "llm_cost_usd_total"
    costed: str = "http_requests_total"
    """What is counted where cost is: the requests that cost something."""
    quality: str = "llm_quality_score"
    drift: str = "drift_score"


COMMON = Family()

OWN = {
    "hub": Family(
        requests="fairlead_hub_requests_total",
        failures=Counted("fairlead_hub_request_failures_total"),
        successes=Counted("fairlead_hub_requests_total"),
        duration="gen_ai_server_request_duration_seconds",
        in_flight="fairlead_hub_requests_in_flight",
        queue="fairlead_hub_queue_depth_requests",
        hits=Counted("fairlead_hub_cache_requests_total", 'result!="miss"', {"result": "memory"}),
        misses=Counted("fairlead_hub_cache_requests_total", 'result="miss"', {"result": "miss"}),
        cost="fairlead_hub_request_cost_usd_sum",
        costed="fairlead_hub_request_cost_usd_count",
    ),
    "guard": Family(
        requests="llm_http_requests_total",
        failures=Counted("llm_http_requests_total", 'status_code=~"5.."', {"status_code": "500"}),
        successes=Counted("llm_http_requests_total", "", {"status_code": "200"}),
        duration="llm_analysis_duration_seconds",
        hits=Counted("llm_cache_hits_total"),
        misses=Counted("llm_cache_misses_total"),
    ),
    "optimizer": Family(cost="optimization_cost_total", quality="optimization_quality_score"),
}
"""Of Fairlead's own apps, where they differ."""


def family_of(service: Service) -> Family:
    """By what it is."""
    return OWN.get(service.uses or "", COMMON)
