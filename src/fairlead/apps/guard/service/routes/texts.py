"""`POST /scan`, `/redact` and `/restore`: whole texts."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from fairlead.apps.guard.findings import Finding, Placeholders
from fairlead.apps.guard.generic.scorer import Scorer
from fairlead.apps.guard.service.looking import LONG, risk
from fairlead.apps.guard.service.placeholders import Mapped, restored
from fairlead.apps.guard.service.routes.asking import Refused, answer, asked
from fairlead.apps.guard.service.routes.endpoints import Endpoint
from fairlead.apps.guard.service.state import Service
from fairlead.apps.guard.service.storage.rows import Sighting
from fairlead.apps.guard.service.words import (
    Found,
    Looked,
    Redact,
    Redacted,
    RedactedText,
    Restore,
    Restored,
    Scanned,
    Texts,
)

_texts = msgspec.json.Decoder(Texts)
_redact = msgspec.json.Decoder(Redact)
_restore = msgspec.json.Decoder(Restore)


async def scan(service: Service, request: Request) -> Response:
    """What stands in a text, or in each document."""
    said = await asked(service, request, _texts)
    version, scorer = service.bench.now()
    if said.documents is None:
        text = _one(said.text)
        return answer(Scanned(version, findings=await _scanned(service, text, version, scorer)))
    _not_both(said.text)
    looked = [Looked(await _scanned(service, one.text, version, scorer), one.name) for one in said.documents]
    return answer(Scanned(version, documents=looked))


async def redact(service: Service, request: Request) -> Response:
    """The text, or each document, without its secrets; over all documents of a request equal ones look equal."""
    said = await asked(service, request, _redact)
    version, scorer = service.bench.now()
    before = said.map if isinstance(said.map, dict) else None
    stand_ins = Mapped(before)
    shown = stand_ins.map if said.map is not False else None
    if said.documents is None:
        text, findings = await _redacted(service, _one(said.text), stand_ins, version, scorer)
        return answer(Redacted(version, text=text, findings=findings, map=shown))
    _not_both(said.text)
    made = [
        RedactedText(*await _redacted(service, one.text, stand_ins, version, scorer), one.name)
        for one in said.documents
    ]
    return answer(Redacted(version, documents=made, map=shown))


async def restore(service: Service, request: Request) -> Response:
    """The secrets back in their places."""
    said = await asked(service, request, _restore)
    if "" in said.map:
        raise Refused(422, "wrong_map", "a placeholder of the map is empty")
    return answer(Restored(restored(said.text, said.map)))


async def _scanned(service: Service, text: str, version: str, scorer: Scorer) -> list[Found]:
    began = time.perf_counter()
    look = service.engine.scan
    findings = look(text, scorer) if len(text) < LONG else await service.aside.scan(text, scorer)
    return noted(service, findings, version, time.perf_counter() - began)


async def _redacted(
    service: Service, text: str, stand_ins: Placeholders, version: str, scorer: Scorer
) -> tuple[str, list[Found]]:
    began = time.perf_counter()
    if len(text) < LONG:
        shown, findings = service.engine.redact(text, stand_ins, scorer)
    else:
        shown, findings = await service.aside.redact(text, stand_ins, scorer)
    return shown, noted(service, findings, version, time.perf_counter() - began)


def noted(service: Service, findings: Sequence[Finding], version: str, took_s: float) -> list[Found]:
    """Counted and written down, as they are told."""
    service.counts["texts"] += 1
    service.metrics.judged(findings[0].rule if len(findings) == 1 else "several" if findings else "none", took_s)
    for one in findings:
        level = risk(one.severity, one.confidence)
        service.metrics.found(level, one.rule)
        service.sightings.add(Sighting(one.digest, version, "", one.rule, level, True, one.confidence))
    return [told(one) for one in findings]


def told(one: Finding) -> Found:
    """A finding as JSON tells it."""
    confidence = round(one.confidence, 6)
    return Found(one.rule, one.kind, one.severity, confidence, one.start, one.end, one.digest, list(one.reasons))


def _one(text: str | None) -> str:
    if text is None:
        raise Refused(422, "wrong_body", "the body has neither `text` nor `documents`")
    return text


def _not_both(text: str | None) -> None:
    if text is not None:
        raise Refused(422, "wrong_body", "the body has both `text` and `documents`")


ENDPOINTS = (
    Endpoint(
        "POST", "/scan", "What stands in a text, or in documents", scan, "Texts", Scanned, Texts,
        "Give `text`, or `documents`: a list of `{text, name}`. Places count characters.",
    ),
    Endpoint(
        "POST", "/redact", "A text without its secrets", redact, "Texts", Redacted, Redact,
        "Equal values get equal placeholders. `map: true` asks for what they stand for, which is kept nowhere; a map "
        "that is sent along goes on with its placeholders.",
    ),
    Endpoint(
        "POST", "/restore", "A text with its secrets back", restore, "Texts", Restored, Restore,
        "What the map does not know stays as it is.",
    ),
)  # fmt: skip
