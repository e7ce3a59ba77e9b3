"""`POST /analyze`: whether a value is a secret, of what kind, how bad and how sure."""

from __future__ import annotations

import time

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from fairlead.apps.guard.service.judging.scorers import BUILT_IN
from fairlead.apps.guard.service.looking import Verdict
from fairlead.apps.guard.service.routes.asking import JSON, asked
from fairlead.apps.guard.service.routes.endpoints import Endpoint
from fairlead.apps.guard.service.state import Service
from fairlead.apps.guard.service.storage.rows import Sighting
from fairlead.apps.guard.service.words import Analysis, Question

NOT_SHOWN = "********"
"""What is shown of a value that is not taken for a secret: it might be one all the same."""

_decoder = msgspec.json.Decoder(Question)
_encode = msgspec.json.Encoder().encode
_kept = msgspec.msgpack.Decoder(tuple[Sighting, bytes]).decode
_keep = msgspec.msgpack.Encoder().encode


async def analyze(service: Service, request: Request) -> Response:
    """From the cache, or judged now; either way it counts as seen."""
    question = await asked(service, request, _decoder)
    digest = service.engine.digests.of(question.secret_value)
    version, trial, scorer = service.bench.turn(digest)
    name = service.digester.of(version, trial, question.secret_value, question.context, question.variable_name)
    service.counts["analyses"] += 1
    if (found := await _known(service, name)) is not None:
        service.metrics.hits.inc()
        sighting, data = found
    else:
        service.metrics.misses.inc()
        began = time.perf_counter()
        verdict = service.engine.analyzed(question.secret_value, question.context, question.variable_name, scorer)
        service.metrics.judged(verdict.rule, time.perf_counter() - began)
        sighting = Sighting(digest, version, trial, verdict.rule, verdict.risk, verdict.flagged, verdict.confidence)
        data = _encode(said(verdict, version, digest))
        await _keep_it(service, name, sighting, data)
    if sighting.flagged:
        service.metrics.found(sighting.risk, sighting.rule)
    service.sightings.add(sighting)
    return Response(data, media_type=JSON)


def said(verdict: Verdict, version: str, digest: str) -> Analysis:
    """The answer: nothing of the value is in it."""
    redacted = f"<secret:{verdict.rule}>" if verdict.flagged else NOT_SHOWN
    confidence = round(verdict.confidence, 6)
    return Analysis(
        verdict.rule, verdict.risk, confidence, list(verdict.reasons), redacted, version or BUILT_IN, digest
    )


async def _known(service: Service, name: str) -> tuple[Sighting, bytes] | None:
    kept = service.memory.get(name)
    if kept is None and service.redis is not None:
        kept = await service.redis.get(name)
        if kept is not None:
            service.memory.put(name, kept)
    if kept is None:
        return None
    try:
        return _kept(kept)
    except msgspec.DecodeError:  # another version of this program wrote it
        return None


async def _keep_it(service: Service, name: str, sighting: Sighting, data: bytes) -> None:
    kept = _keep((sighting, data))
    service.memory.put(name, kept)
    if service.redis is not None:
        await service.redis.put(name, kept)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/analyze",
        "Whether a value is a secret, of what kind, and how bad that is",
        analyze,
        "Judging",
        Analysis,
        Question,
        "`secret_type` is the rule that knows it, or `none`; `confidence` how likely it is a secret at all. The value "
        "is neither kept nor logged: `digest` is a keyed hash of it, for `/feedback`.",
    ),
)
