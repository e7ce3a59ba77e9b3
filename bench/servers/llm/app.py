"""A service as LLM services are: answers take a while, some fail, each costs something and is of some quality.

`FAULT` makes a version worse in one way. A file `incident` in `STATE_DIR` is its provider in trouble, for all versions.
"""

import asyncio
import contextlib
import os
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

VERSION = {"x-version": os.environ["FAIRLEAD_VERSION"]}
FAULT = os.environ.get("FAULT", "")
INCIDENT = Path(os.environ.get("STATE_DIR", ".")) / "incident"

USUAL_ERRORS = float(os.environ.get("ERRORS", "0.05"))
USUAL_S = 0.015
SPREAD = 0.5
"""Of the logarithm of times and costs."""

TIMES_WORSE = {"errors-x3": 3.0, "errors-x10": 10.0}
CRASHES_AFTER_S = 3.0
LEAK_BYTES = 400_000
"""With each request."""

COSTS_USD = [0.001 * 1.25**step for step in range(-8, 9)]
SCORES = [0.5 + 0.025 * step for step in range(20)]


class Histogram:
    """Prometheus' kind: cumulative counts under fixed bounds."""

    def __init__(self, name: str, bounds: list[float]) -> None:
        self.name = name
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        self.sum += value
        for number, bound in enumerate([*self.bounds, float("inf")]):
            self.counts[number] += value <= bound

    def lines(self) -> list[str]:
        bounds = [*(f"{bound:.6g}" for bound in self.bounds), "+Inf"]
        buckets = [f'{self.name}_bucket{{le="{le}"}} {n}' for le, n in zip(bounds, self.counts, strict=True)]
        return [f"# TYPE {self.name} histogram", *buckets, f"{self.name}_sum {self.sum}",
                f"{self.name}_count {self.counts[-1]}"]  # fmt: skip


cost, quality = Histogram("llm_cost_usd", COSTS_USD), Histogram("llm_quality_score", SCORES)
leaked: list[bytes] = []


def error_rate() -> float:
    """Of this moment."""
    usual = 0.5 if FAULT == "half" else USUAL_ERRORS * TIMES_WORSE.get(FAULT, 1.0)
    return min(usual * (5 if INCIDENT.exists() else 1), 0.9)


async def answer(request: Request) -> Response:
    """One call of the model."""
    slower = (2.0 if FAULT == "slow" else 1.0) * (3.0 if INCIDENT.exists() else 1.0)
    await asyncio.sleep(slower * random.lognormvariate(0, SPREAD) * USUAL_S)
    cost.observe((1.5 if FAULT == "cost" else 1.0) * random.lognormvariate(0, SPREAD) * 0.001)
    quality.observe((0.9 if FAULT == "quality" else 1.0) * random.betavariate(40, 8))
    if FAULT == "leak":
        leaked.append(os.urandom(1000) * (LEAK_BYTES // 1000))
    if random.random() < error_rate():
        return PlainTextResponse("the provider is overloaded\n", 503, headers=VERSION)
    return PlainTextResponse("an answer\n", headers=VERSION)


async def metrics(request: Request) -> Response:
    """For whoever judges."""
    return PlainTextResponse("\n".join([*cost.lines(), *quality.lines(), ""]))


async def health(request: Request) -> Response:
    """Well, as long as it runs."""
    return PlainTextResponse("well\n")


async def crash() -> None:
    """Ends as a program with a fault does."""
    await asyncio.sleep(CRASHES_AFTER_S)
    sys.stderr.write("segmentation fault (made up)\n")
    os._exit(139)


@contextlib.asynccontextmanager
async def life(app: Starlette) -> AsyncIterator[None]:
    ending = asyncio.create_task(crash()) if FAULT == "crash" else None
    yield
    if ending:
        ending.cancel()


app = Starlette(routes=[Route("/", answer), Route("/metrics", metrics), Route("/health", health)], lifespan=life)
