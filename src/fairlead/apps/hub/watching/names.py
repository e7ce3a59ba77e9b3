"""What the hub counts of requests, by name: the names of OpenTelemetry's conventions where there are any, in the form
that Prometheus gives them (dots become `_`, the unit is added).

https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-metrics.md, which also gives
the bounds of buckets; ours go further at both ends, since a hub answers within a millisecond from its cache and holds
streams for minutes. `gen_ai_server_*` is what clients of the hub see, `gen_ai_client_*` what the hub sees of providers.
"""

from __future__ import annotations

from typing import Final, Literal

SECONDS: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    163.84, 327.68, 655.36,
)  # fmt: skip
"""Of whole answers."""

FIRST_S: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 25.0, 60.0,
)  # fmt: skip
"""To a first token."""

BETWEEN_S: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0,
    2.5, 10.0,
)  # fmt: skip
"""For each further token."""

TOKENS: Final = (
    1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
)  # fmt: skip

USD: Final = (
    0.000001, 0.0000025, 0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
    0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
"""Of one request: a millionth of a dollar to ten."""

REQUESTS = "fairlead_hub_requests_total"
FAILURES = "fairlead_hub_request_failures_total"
DURATION = "gen_ai_server_request_duration_seconds"
FIRST = "gen_ai_server_time_to_first_token_seconds"
BETWEEN = "gen_ai_server_time_per_output_token_seconds"
PIECES = "fairlead_hub_stream_pieces_total"
STREAMING = "fairlead_hub_stream_seconds_total"
PROVIDER_DURATION = "gen_ai_client_operation_duration_seconds"
PROVIDER_FIRST = "gen_ai_client_operation_time_to_first_chunk_seconds"
USAGE = "gen_ai_client_token_usage"
TOKENS_TOTAL = "fairlead_hub_tokens_total"
UNITS = "fairlead_hub_billed_units_total"
COST = "fairlead_hub_request_cost_usd"
COST_USD = "fairlead_hub_cost_usd_total"
COST_NANO = "fairlead_hub_cost_nanousd_total"
UNPRICED = "fairlead_hub_unpriced_requests_total"
ESTIMATED = "fairlead_hub_estimated_requests_total"
RETRIES = "fairlead_hub_retries_total"
FALLBACKS = "fairlead_hub_fallbacks_total"
HEDGES = "fairlead_hub_hedges_total"
TURNED_AWAY = "fairlead_hub_turned_away_total"
PROVIDER_ERRORS = "fairlead_hub_provider_errors_total"

COUNTED: Final[dict[str, tuple[Literal["counter", "histogram"], str]]] = {
    REQUESTS: ("counter", "Requests that have ended, by route, provider, model, status and where the answer was from."),
    FAILURES: ("counter", "Requests that failed by no fault of their client: a 5xx status, or a stream cut short."),
    TURNED_AWAY: ("counter", "Requests that were refused before anybody was asked: no key, no such model, not read."),
    DURATION: ("histogram", "Seconds from a request to the last byte of its answer, as its client saw it."),
    FIRST: ("histogram", "Seconds from a request to the first token of a streamed answer, as its client saw it."),
    BETWEEN: ("histogram", "Seconds for each token after the first, the mean of one streamed answer."),
    PIECES: ("counter", "Pieces that streamed answers came in."),
    STREAMING: ("counter", "Seconds between the first and the last piece of streamed answers, summed up."),
    PROVIDER_DURATION: ("histogram", "Seconds that the provider which answered took for its whole answer."),
    PROVIDER_FIRST: ("histogram", "Seconds that the provider which answered took for its first token, of a stream."),
    USAGE: ("histogram", "Tokens of one request, by type: input with the cached ones, output with the reasoning."),
    TOKENS_TOTAL: ("counter", "Tokens by kind; cached, written and audio are part of input, reasoning of output."),
    UNITS: ("counter", "What is billed by other measures than tokens: images, characters, seconds, searches."),
    COST: ("histogram", "Cost of one request in US dollars, of those that a provider answered at a known price."),
    COST_USD: ("counter", "Cost of all requests in US dollars."),
    COST_NANO: ("counter", "Cost of all requests in billionths of a US dollar, exact."),
    UNPRICED: ("counter", "Requests of which something has no known price: their cost is not whole."),
    ESTIMATED: ("counter", "Requests whose tokens are an estimate, since the provider told none."),
    RETRIES: ("counter", "Further attempts after one that failed, fallbacks among them."),
    FALLBACKS: ("counter", "Requests that a fallback of their route was asked for."),
    HEDGES: ("counter", "Requests that a second provider was asked for while the first was silent."),
    PROVIDER_ERRORS: ("counter", "Attempts that a provider failed, by kind, whatever became of the request."),
}
"""Metric -> its type and what it says."""
