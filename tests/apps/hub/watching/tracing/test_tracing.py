"""Traces from the client through the hub to the provider, and to a real collector."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests.apps.hub.serving.telling import BODY, town
from tests.apps.hub.watching.hubs import SAID, running
from tests.apps.hub.watching.tracing.collector import Collector, attributes, collecting

from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.serving import traces
from fairlead.apps.hub.watching.tracing import exporting
from fairlead.apps.hub.watching.tracing.sampling import Sampling

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=1"}


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """One that the variables name."""
    with collecting() as found:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
        monkeypatch.setattr(exporting, "EVERY_S", 0.05)
        yield found


async def test_a_request_is_a_span_by_the_conventions_in_its_clients_trace(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With who answered, what it used and how long it took; no prompt in it."""
    monkeypatch.setenv("FAIRLEAD_VERSION", "v7")
    async with running(tmp_path) as hub:
        answer = await hub.asks(stream=True, headers=SAMPLED)
    span = collector.spans[0]
    said = attributes(span)

    assert collector.paths == ["/v1/traces"]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert (span.name, span.kind, span.trace_state) == ("chat echo", Span.SPAN_KIND_CLIENT, "vendor=1")
    assert said["gen_ai.operation.name"] == "chat"
    assert said["gen_ai.provider.name"] == "echo"
    assert said["gen_ai.request.model"] == "echo"
    assert (said["gen_ai.usage.input_tokens"], said["gen_ai.usage.output_tokens"]) == (10, 4)
    assert said["gen_ai.response.time_to_first_chunk"] > 0
    assert (said["fairlead.route"], said["fairlead.id"]) == ("quick", answer.headers["x-request-id"])
    assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 10e9
    assert collector.resource["service.name"] == "fairlead-hub"
    assert collector.resource["service.version"] == "v7"
    assert "hello there" not in str(collector.requests)


async def test_a_failure_is_told_by_its_kind(tmp_path: Path, collector: Collector) -> None:
    """With the status of the span, in a trace of its own."""
    async with running(tmp_path) as hub:
        await hub.asks("echo/echo?fail=400")
    span = collector.spans[0]

    assert attributes(span)["error.type"] == "invalid"
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert not span.parent_span_id
    assert len(span.trace_id.hex().strip("0")) > 10


async def test_what_the_client_does_not_trace_is_not_sent(tmp_path: Path, collector: Collector) -> None:
    """Its flag decides."""
    async with running(tmp_path) as hub:
        await hub.asks(headers={"traceparent": f"00-{TRACE}-{PARENT}-00"})
        await hub.asks(headers=SAMPLED)

    assert [span.trace_id.hex() for span in collector.spans] == [TRACE]


async def test_a_collector_that_fails_holds_up_nobody_and_what_is_lost_is_counted(
    tmp_path: Path, collector: Collector
) -> None:
    """Requests go on, and the metrics say so."""
    collector.status = 400
    async with running(tmp_path) as hub:
        assert (await hub.asks()).status_code == 200
        text = ""
        while "fairlead_hub_spans_dropped_total 1\n" not in text:
            text = await hub.metrics()
        assert collector.paths


def test_the_provider_is_told_of_the_hubs_span() -> None:
    """In the client's trace; also when it is asked in another protocol."""
    here = town({"targets": ["one/m"]}, one={"kind": "anthropic", "url": "http://127.0.0.1:1"})
    sampling = Sampling()

    class Tracer:
        """Gives each a span."""

        def minds(self, route: object, asked: object, flight: object) -> bool:
            """All."""
            flight.trace = sampling.begun(flight.exchange.headers)  # type: ignore[attr-defined]  # a flight
            return False

    here.desk.gates = (Tracer(),)  # type: ignore[assignment]  # nobody enters
    here.asks(BODY, traceparent=SAMPLED["traceparent"].encode(), tracestate=b"vendor=1")
    request = here.asked("one").request

    said = next(line for line in request.split(b"\r\n") if line.startswith(b"traceparent: "))
    assert said.startswith(f"traceparent: 00-{TRACE}-".encode())
    assert said.endswith(b"-01")
    assert PARENT.encode() not in said
    assert b"tracestate: vendor=1\r\n" in request


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        (f"00-{TRACE}-{PARENT}-01", True),
        (f"cc-{TRACE}-{PARENT}-01-what-comes", True),
        (f"00-{TRACE}-{PARENT}-01-more", False),
        (f"ff-{TRACE}-{PARENT}-01", False),
        (f"00-{'0' * 32}-{PARENT}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"00-{TRACE.upper()}-{PARENT}-01", False),
        ("nonsense", False),
    ],
)
def test_without_tracing_a_valid_trace_is_passed_on_as_it_came(value: str, passes: bool) -> None:
    """And nothing else."""
    here = town()
    here.asks(BODY, traceparent=value.encode())

    assert (b"traceparent: " + value.encode() in here.asked("one").request) == passes
    assert (traces.told({b"traceparent": value.encode()}) is not None) == passes


def test_a_share_of_traces_is_taken_by_their_ids() -> None:
    """By whoever sees them alike; the client's decision goes before, unless told otherwise."""
    low, high = f"{'a' * 16}{'0' * 15}1", f"{'a' * 16}{'f' * 16}"
    parents = {name: {b"traceparent": f"00-{name}-{PARENT}-01".encode()} for name in (low, high)}
    half = Sampling.of({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"})
    assert [half.begun(parents[name]).sampled for name in (low, high)] == [True, False]
    follows = Sampling.of({"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"})
    assert follows.begun(parents[high]).sampled
    assert not follows.begun({}).sampled
    assert Sampling.of({}).begun({}).sampled


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"OTEL_TRACES_SAMPLER": "sometimes"}, "unknown sampler 'sometimes'"),
        ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"}, "expected a share of 0 to 1"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "'grpc' is not spoken here"),
    ],
)
async def test_what_can_not_be_done_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], words: str
) -> None:
    """With the variable and what it may be."""
    for name, value in {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", **environ}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=words):
        async with running(tmp_path, SAID):
            pass
