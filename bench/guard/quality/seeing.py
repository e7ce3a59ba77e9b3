"""What the guard says of the documents: the scanner on files of a folder, and `POST /analyze` of a live service."""

from __future__ import annotations

import asyncio
import secrets
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.guard.quality.corpus import Document
from fairlead.apps.guard.scanning.found import Found
from fairlead.apps.guard.scanning.jobs import File
from fairlead.apps.guard.scanning.worker import Setting, Worker
from fairlead.apps.guard.service.main import served
from fairlead.apps.guard.service.settings import Config, Settings

COVERED = 0.8
"""The share of a secret that a finding has to cover: of what is left after redaction, nobody can make use."""
AROUND = 200
"""Characters before and behind a value that `/analyze` is told."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one document."""

    document: Document
    hit: bool
    """Whether the value was reported; of a look-alike, a false alarm."""
    false: int
    """Findings elsewhere in its text, where no secret was put."""
    rules: tuple[str, ...] = ()


def scanned(documents: Sequence[Document], folder: Path, worker: Worker | None = None) -> list[Seen]:
    """By the scanner, from files."""
    for document in documents:
        path = folder / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document.text, "utf-8")
    worker = worker or Worker(Setting())
    harvest = worker.look([File(str(folder / document.path)) for document in documents])
    if harvest.unscanned:
        raise RuntimeError(f"not looked through: {harvest.unscanned[:3]}")
    found: Mapping[str, list[Found]] = defaultdict(list)
    for one in harvest.found:
        found[one.place.path].append(one)
    return [judged(document, spans(document.text, found[str(folder / document.path)])) for document in documents]


def spans(text: str, found: Sequence[Found]) -> list[tuple[int, int, str]]:
    """Lines and columns as characters of the text."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return [
        (starts[one.line - 1] + one.column - 1, starts[one.end_line - 1] + one.end_column - 1, one.rule)
        for one in found
    ]


def judged(document: Document, found: Sequence[tuple[int, int, str]]) -> Seen:
    """Whether the value was found, and what else."""
    shown = document.text[document.start : document.end]
    core = document.subject.core(document.value)
    within = shown.find(core)
    start = document.start + max(0, within)
    end = start + len(core) if within >= 0 else document.end
    touching = [one for one in found if one[0] < document.end and document.start < one[1]]
    covered = sum(max(0, min(last, end) - max(first, start)) for first, last, _ in touching)
    hit = covered >= COVERED * (end - start) if document.secret else bool(touching)
    return Seen(document, hit, len(found) - len(touching), tuple(rule for _, _, rule in touching))


async def analyzed(documents: Sequence[Document], folder: Path, *, context: bool) -> list[Seen]:
    """By `POST /analyze`: the value, its name, and the text around it if asked for."""
    key = secrets.token_urlsafe(24)
    settings = Settings(folder, Config(rate=(1_000_000, 1.0)), "127.0.0.1", 0, None, None, key, None)
    ending, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        served(settings, access_log=False, ending=ending, told=lambda host, port: address.set_result((host, port)))
    )
    await asyncio.wait((serving, address), return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    host, port = address.result()
    try:
        async with httpx.AsyncClient(
            base_url=f"http://{host}:{port}", headers={"X-API-KEY": key}, trust_env=False, timeout=60
        ) as http:
            return [await _asked(http, document, context) for document in documents]
    finally:
        ending.set()
        await serving


async def _asked(http: httpx.AsyncClient, document: Document, context: bool) -> Seen:
    value = document.text[document.start : document.end] if context else document.value
    around = document.text[max(0, document.start - AROUND) : document.end + AROUND]
    body = {"secret_value": value, "variable_name": document.name, "context": around if context else ""}
    answer = await http.post("/analyze", json=body)
    answer.raise_for_status()
    said = answer.json()
    return Seen(document, said["risk_level"] != "none", 0, (said["secret_type"],))


def line_of(document: Document) -> int:
    """The line that its value begins in, from 1."""
    starts = [0, *(at + 1 for at, char in enumerate(document.text) if char == "\n")]
    return bisect_right(starts, document.start)
