"""An outcome as a span of OpenTelemetry's conventions for generative AI.

https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md. What they have no
name for stands under `fairlead.`; prompts and answers are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags, TraceState
from opentelemetry.trace.status import Status, StatusCode

from fairlead import __version__
from fairlead.apps.hub.serving.traces import Trace
from fairlead.apps.hub.watching.outcomes import Outcome
from fairlead.apps.hub.watching.series import OPERATIONS, PROVIDERS

SCOPE = InstrumentationScope("fairlead.hub", __version__)

Value = str | int | float | bool


class Traced(NamedTuple):
    """A request that is to become a span."""

    outcome: Outcome
    trace: Trace
    family: str
    """The kind of the provider."""


def span(one: Traced, resource: Resource) -> ReadableSpan:
    """The span of a request."""
    outcome, trace = one.outcome, one.trace
    operation = OPERATIONS.get(outcome.operation, outcome.operation)
    model = outcome.target or outcome.model
    return ReadableSpan(
        name=f"{operation} {model}",
        context=_context(trace, trace.span, is_remote=False),
        parent=_context(trace, trace.parent, is_remote=True) if trace.parent is not None else None,
        resource=resource,
        attributes={name: value for name, value in _attributes(one, operation, model) if value not in ("", None)},
        kind=SpanKind.CLIENT,
        instrumentation_scope=SCOPE,
        status=Status(StatusCode.ERROR, outcome.failure) if outcome.failure else Status(StatusCode.UNSET),
        start_time=int(outcome.started * 1e9),
        end_time=int((outcome.started + outcome.latency_s) * 1e9),
    )


def _context(trace: Trace, span: str, *, is_remote: bool) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if trace.sampled else TraceFlags.DEFAULT)
    state = TraceState.from_header([trace.state.decode("latin-1")]) if trace.state else None
    return SpanContext(int(trace.id, 16), int(span, 16), is_remote, flags, state)


def _attributes(one: Traced, operation: str, model: str) -> Iterator[tuple[str, Value]]:
    outcome = one.outcome
    yield "gen_ai.operation.name", operation
    yield "gen_ai.provider.name", PROVIDERS.get(one.family, one.family)
    yield "gen_ai.request.model", model
    yield "http.response.status_code", outcome.status
    yield "error.type", outcome.failure
    if outcome.stream and outcome.first_token_s is not None:
        yield "gen_ai.response.time_to_first_chunk", outcome.first_token_s
    if outcome.attempts or outcome.cache:
        yield from _usage(outcome)
    for name in ("id", "key", "team", "model", "route", "provider", "protocol", "stream", "cache", "attempts"):
        yield f"fairlead.{name}", getattr(outcome, name)
    yield "fairlead.cost_usd", outcome.cost_usd


def _usage(outcome: Outcome) -> Iterator[tuple[str, Value]]:
    yield "gen_ai.usage.input_tokens", outcome.input_tokens
    yield "gen_ai.usage.output_tokens", outcome.output_tokens
    for name, count in (
        ("cache_read.input_tokens", outcome.cached_tokens),
        ("cache_creation.input_tokens", outcome.written_tokens),
        ("reasoning.output_tokens", outcome.reasoning_tokens),
    ):
        if count:
            yield f"gen_ai.usage.{name}", count
