"""Which requests are traced: as the client's trace says, or a share of them, by OpenTelemetry's variables.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.serving import traces
from fairlead.apps.hub.serving.traces import Trace

SAMPLER = "OTEL_TRACES_SAMPLER"
SHARE = "OTEL_TRACES_SAMPLER_ARG"

SAMPLERS: Mapping[str, tuple[bool, float | None]] = {
    "always_on": (False, 1.0),
    "always_off": (False, 0.0),
    "traceidratio": (False, None),
    "parentbased_always_on": (True, 1.0),
    "parentbased_always_off": (True, 0.0),
    "parentbased_traceidratio": (True, None),
}
"""Name -> whether the client's decision goes before, and the share; `None`: as the variable says."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """What is decided for each request."""

    follows: bool = True
    """Whether the client's decision goes before."""
    share: float = 1.0
    bits: Callable[[int], int] = random.getrandbits

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Sampling:
        """As the variables say. Raises `Misconfigured`."""
        name = environ.get(SAMPLER, "parentbased_always_on")
        if name not in SAMPLERS:
            raise Misconfigured([f"{SAMPLER}: unknown sampler {name!r}, expected one of {', '.join(SAMPLERS)}"])
        follows, share = SAMPLERS[name]
        return cls(follows, _share(environ.get(SHARE) or "1") if share is None else share)

    def begun(self, headers: Mapping[bytes, bytes]) -> Trace:
        """The span of a request: in the client's trace, or in one of its own."""
        found = traces.told(headers)
        span = f"{self.bits(64) or 1:016x}"
        if found is None:
            trace = f"{self.bits(128) or 1:032x}"
            return Trace(trace, span, None, self._takes(trace))
        trace, parent, sampled = found
        return Trace(trace, span, parent, sampled if self.follows else self._takes(trace), traces.state(headers))

    def _takes(self, trace: str) -> bool:
        """By the lower half of its id, so that all who see the trace decide alike."""
        return self.share >= 1.0 or int(trace[16:], 16) < self.share * 2**64


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise Misconfigured([f"{SHARE}: expected a share of 0 to 1, got {text!r}"])
    return share
