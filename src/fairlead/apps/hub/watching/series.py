"""What is counted of the requests of one kind: one route, one target, one operation, streamed or not, one source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from fairlead.apps.hub.calls import COUNTS, Failure, FailureKind, Usage
from fairlead.apps.hub.watching import names
from fairlead.apps.hub.watching.histograms import Histogram, written

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.flight import Flight

NANO = 1_000_000_000

OPERATIONS = {"completion": "text_completion", "embedding": "embeddings"}
"""Ours -> the convention's, where they differ."""

PROVIDERS = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "bedrock_anthropic": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "vertex": "gcp.vertex_ai",
    "vertex_anthropic": "gcp.vertex_ai",
    "xai": "x_ai",
}
"""Kinds of providers whose name in the convention is another."""

FAULTS: frozenset[FailureKind] = frozenset({"overloaded", "provider", "timeout"})
"""Failures that are no fault of the client."""

STREAMED = (names.PIECES, names.STREAMING)
"""Only counted of streams."""

RARE = {kind: attrgetter(kind) for kind in COUNTS if kind not in ("input", "output")}

_input_of, _output_of = attrgetter("input"), attrgetter("output")

MOST_USUAL = 256
"""Requests that are counted at once."""

_Usual = tuple[float, float, int, Usage]
"""How long it took, and its provider, in seconds; nano-dollars; tokens."""


class Kind(NamedTuple):
    """Which requests; all of it is bounded."""

    route: str
    provider: str
    """As it is configured; empty where nobody was asked."""
    family: str
    """The kind of provider."""
    model: str
    """As the provider knows it."""
    operation: str
    stream: bool
    source: str
    """Where in the hub the answer was from; empty: from a provider."""


class Series:
    """Its figures."""

    __slots__ = (
        "_is_plain", "_usual", "between", "cost", "cost_nano", "estimated", "failed", "failures", "fallbacks",
        "first", "hedges", "kind", "label", "labels", "pieces", "provider_first", "provider_took", "retries",
        "statuses", "streaming", "tokens", "took", "units", "unpriced", "used_input", "used_output",
    )  # fmt: skip

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        stream = "true" if kind.stream else "false"
        self.label = written(
            route=kind.route, provider=kind.provider, model=kind.model, operation=kind.operation, stream=stream
        )
        """Of our own metrics."""
        self.labels = written(
            route=kind.route,
            provider=kind.provider,
            stream=stream,
            gen_ai_operation_name=OPERATIONS.get(kind.operation, kind.operation),
            gen_ai_provider_name=PROVIDERS.get(kind.family, kind.family),
            gen_ai_request_model=kind.model,
        )
        """Of those of the convention."""
        self.statuses: defaultdict[int, int] = defaultdict(int)
        self.took = Histogram(names.SECONDS)
        self.failed: dict[str, Histogram] = {}
        """How long those took that failed, by the kind of failure."""
        self.first = Histogram(names.FIRST_S)
        self.between = Histogram(names.BETWEEN_S)
        self.provider_took = Histogram(names.SECONDS)
        self.provider_first = Histogram(names.FIRST_S)
        self.used_input = Histogram(names.TOKENS)
        self.used_output = Histogram(names.TOKENS)
        self.cost = Histogram(names.USD)
        self.tokens: defaultdict[str, int] = defaultdict(int)
        self.units: defaultdict[str, float] = defaultdict(float)
        self._is_plain = not kind.stream and not kind.source and kind.operation != "count"
        self._usual: list[_Usual] = []
        """Requests that are not counted yet."""
        self.cost_nano = self.pieces = 0
        self.streaming = 0.0
        self.failures = self.unpriced = self.estimated = self.retries = self.fallbacks = self.hedges = 0

    def add(self, flight: Flight) -> None:
        """One that has ended; called for every request."""
        self.statuses[flight.status] += 1
        ended, usage = flight.ended, flight.usage
        if (
            self._is_plain and flight.failure is None and flight.asks == 1 and flight.asked_at
            and usage is not None and not (usage.units or usage.estimated or flight.unpriced or flight.cached)
        ):  # fmt: skip
            self._usual.append((ended - flight.began, ended - flight.asked_at, flight.cost_nano, usage))
            if len(self._usual) >= MOST_USUAL:
                self._fold()
            return
        if flight.failure is not None:
            self._fail(flight.failure, ended - flight.began)
        else:
            self.took.add(ended - flight.began)
            if not flight.cached:
                self._answered(flight, ended)
        if flight.asks > 1:
            self.retries += flight.asks - 1 - flight.hedged
            self.fallbacks += flight.fell_back
            self.hedges += flight.hedged
        if usage is not None and not flight.cached and flight.asked.operation != "count":
            self._used(usage, flight)

    def _fold(self) -> None:
        """Count what is usual, many at once."""
        took, provider_took, costs, usages = zip(*self._usual, strict=True)
        self._usual.clear()
        self.took.add_all(took)
        self.provider_took.add_all(provider_took)
        self.cost_nano += sum(costs)
        self.cost.add_all([cost / NANO for cost in costs])
        self.used_input.add_all(map(_input_of, usages))
        self.used_output.add_all(filter(None, map(_output_of, usages)))
        for kind, count_of in RARE.items():
            if count := sum(map(count_of, usages)):
                self.tokens[kind] += count

    def _answered(self, flight: Flight, ended: float) -> None:
        first, asked = flight.first_at, flight.asked_at
        if first is None or not asked:
            return
        self.provider_took.add(ended - asked)
        if not self.kind.stream:
            return
        self.provider_first.add(first - asked)
        self.first.add(first - flight.began)
        self.pieces += flight.pieces
        self.streaming += ended - first
        usage = flight.usage
        tokens = usage.output if usage is not None else flight.pieces
        if tokens > 1:
            self.between.add((ended - first) / (tokens - 1))

    def _used(self, usage: Usage, flight: Flight) -> None:
        cost = flight.cost_nano
        self.cost_nano += cost
        if flight.unpriced:
            self.unpriced += 1
        elif flight.asks:
            self.cost.add(cost / NANO)
        self.used_input.add(usage.input)
        if usage.output:
            self.used_output.add(usage.output)
        if (
            usage.cached or usage.written or usage.reasoning
            or usage.audio_input or usage.audio_output or usage.image_input or usage.image_output
        ):  # fmt: skip
            self._rare(usage)
        if usage.units:
            for unit, amount in usage.units.items():
                self.units[unit] += amount
        if usage.estimated:
            self.estimated += 1

    def _rare(self, usage: Usage) -> None:
        for kind, count_of in RARE.items():
            if count := count_of(usage):
                self.tokens[kind] += count

    def _fail(self, failure: Failure, took: float) -> None:
        kind = failure.kind
        self.failures += kind in FAULTS
        if kind not in self.failed:
            self.failed[kind] = Histogram(names.SECONDS)
        self.failed[kind].add(took)

    # written

    def lines(self, name: str) -> Iterator[str]:
        """All lines of one metric."""
        if self._usual:
            self._fold()
        kind = names.COUNTED[name][0]
        return self._histogram(name) if kind == "histogram" else self._counter(name)

    def _counter(self, name: str) -> Iterator[str]:
        source = f',cache="{self.kind.source}"' if self.kind.source else ""
        if name == names.REQUESTS:
            for status, count in (self.statuses or {200: 0}).items():
                yield f'{name}{{{self.label}{source},status="{status}"}} {count}\n'
        elif name == names.TOKENS_TOTAL:
            known = {"input": int(self.used_input.sum), "output": int(self.used_output.sum)} | self.tokens
            yield from (f'{name}{{{self.label},kind="{one}"}} {count}\n' for one, count in known.items() if count)
        elif name == names.UNITS:
            yield from (f'{name}{{{self.label},unit="{one}"}} {count}\n' for one, count in self.units.items())
        elif name in STREAMED and not self.kind.stream:
            return
        elif not source or name == names.FAILURES:
            yield f"{name}{{{self.label}{source}}} {self._plain(name)}\n"

    def _plain(self, name: str) -> float:
        return {
            names.FAILURES: self.failures,
            names.PIECES: self.pieces,
            names.STREAMING: self.streaming,
            names.COST_USD: self.cost_nano / NANO,
            names.COST_NANO: self.cost_nano,
            names.UNPRICED: self.unpriced,
            names.ESTIMATED: self.estimated,
            names.RETRIES: self.retries,
            names.FALLBACKS: self.fallbacks,
            names.HEDGES: self.hedges,
        }[name]

    def _histogram(self, name: str) -> Iterator[str]:
        if name == names.DURATION:
            source = f',cache="{self.kind.source}"' if self.kind.source else ""
            yield from self.took.lines(name, self.labels + source)
            for kind, found in self.failed.items():
                yield from found.lines(name, f'{self.labels}{source},error_type="{kind}"')
        elif name == names.USAGE:
            yield from self.used_input.lines(name, self.labels + ',gen_ai_token_type="input"')
            yield from self.used_output.lines(name, self.labels + ',gen_ai_token_type="output"')
        else:
            own = {
                names.FIRST: self.first,
                names.BETWEEN: self.between,
                names.PROVIDER_DURATION: self.provider_took,
                names.PROVIDER_FIRST: self.provider_first,
                names.COST: self.cost,
            }[name]
            yield from own.lines(name, self.label if name == names.COST else self.labels)
