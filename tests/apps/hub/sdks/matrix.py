"""What each official client can do with each provider: checks, their outcomes, and the table in the docs.

`python -m tests.apps.hub.sdks --write` runs all of them and writes docs/reference/hub-clients.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.apps.hub.sdks.town import KINDS, Town

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "hub-clients.md"
YES = "yes"
REFUSED = "refused: "

SAID = "Where is the town hall?"
"""What the clients say."""
ANSWERED = "Hello from the town"
"""What all answer but the echo, which says the same again."""
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SCHEMA = {
    "type": "object",
    "properties": {"place": {"type": "string"}},
    "required": ["place"],
    "additionalProperties": False,
}


class Refused(Exception):
    """The client raised its own exception for a status of 4xx; the message is what it was told."""


Run = Callable[[Town, str], None]


@dataclass(frozen=True)
class Check:
    """Something that a client does. `run` raises `AssertionError` for a wrong answer, `Refused` for a refusal."""

    client: str
    title: str
    run: Run


CHECKS: list[Check] = []
CLOSING = contextlib.ExitStack()
"""Closes the clients, each of which is made once for an address and a key, and keeps its connections."""


def check(client: str, title: str) -> Callable[[Run], Run]:
    """Put a check in."""

    def put(run: Run) -> Run:
        CHECKS.append(Check(client, title, run))
        return run

    return put


def expected(name: str, echoed: str = SAID) -> str:
    """The words of an answer."""
    return echoed if name == "echo" else ANSWERED


def fitting(name: str, echoed: str = SAID) -> str:
    """The `place` that a tool is called with, and that is in an answer held to `SCHEMA`."""
    return echoed if name == "echo" else "town"


def right_usage(name: str, asked: int | None, answered: int | None) -> None:
    """What stand-ins report is exact; the echo counts by its own rule."""
    if name == "echo":
        assert asked
        assert answered
    else:
        assert (asked, answered) == (11, 5)


def outcome(town: Town, one: Check, name: str) -> str:
    """`yes`, or the words of the refusal. Raises `AssertionError` where the answer, or a request, is wrong."""
    town.refusals(name)
    try:
        one.run(town, name)
    except Refused as refused:
        told = REFUSED + str(refused).replace(f"{name} has no", "it has no").replace(f"{name} can't", "it can't")
    else:
        told = YES
    assert town.refusals(name) == [], "the provider would not take what the hub said"
    return told


def outcomes(town: Town) -> dict[tuple[str, str], list[str]]:
    """Of all checks, by client and title, in the order of the providers."""
    return {(one.client, one.title): [outcome(town, one, name) for name in KINDS] for one in CHECKS}


HEAD = """<!-- Written by `python -m tests.apps.hub.sdks --write`: what the official clients were answered. -->

# Clients of the hub

The official Python clients, each pointed at a running hub, asking for models of every kind of provider. The providers
are stand-ins on the same machine that take only what the vendor's published protocol allows; `echo` is the hub's own.
A test repeats every cell of this page. {yes} cells of {all} are answered right: in content, reason of the end and
usage. In all others the provider can't do what was asked: the client raises its own exception for a bad request, whose
message is given by number below each table. [What is mapped, left out and refused](../explanation/hub-translation.md)
says why.

| client | version | pointed at the hub by |
|---|---|---|
{clients}
"""

POINTED = {
    "openai": '`OpenAI(base_url="http://hub:8080/v1", api_key=…)`',
    "anthropic": '`Anthropic(base_url="http://hub:8080", api_key=…)`',
    "google-genai": '`genai.Client(http_options={"base_url": "http://hub:8080"}, api_key=…)`',
    "cohere": '`cohere.ClientV2(base_url="http://hub:8080", api_key=…)`',
    "mistralai": '`Mistral(server_url="http://hub:8080", api_key=…)`',
}


def page(found: dict[tuple[str, str], list[str]]) -> str:
    """The page of these outcomes."""
    cells = [cell for row in found.values() for cell in row]
    clients = "\n".join(f"| {client} | {floor(client)} | {by} |" for client, by in POINTED.items())
    whole = [HEAD.format(yes=cells.count(YES), all=len(cells), clients=clients)]
    for client in POINTED:
        rows = {title: row for (of, title), row in found.items() if of == client}
        whole += [f"\n## {client}\n\n", *_table(rows)]
    return "".join(whole)


def floor(client: str) -> str:
    """The oldest version that is tested with, from pyproject.toml."""
    lines = (PAGE.parents[2] / "pyproject.toml").read_text().splitlines()
    return next(line.strip(' ",').removeprefix(client) for line in lines if line.strip().startswith(f'"{client}>='))


def _table(rows: dict[str, list[str]]) -> Iterator[str]:
    notes: list[str] = []
    yield f"| | {' | '.join(kind.title for kind in KINDS.values())} |\n|---|{'---|' * len(KINDS)}\n"
    for title, row in rows.items():
        yield f"| {title} | {' | '.join(_cell(cell, notes) for cell in row)} |\n"
    if notes:
        yield "\nRefused:\n\n"
        yield from (f"{number}. {note}\n" for number, note in enumerate(notes, 1))


def _cell(cell: str, notes: list[str]) -> str:
    if cell == YES:
        return YES
    note = cell.removeprefix(REFUSED)
    if note not in notes:
        notes.append(note)
    return f"refused: {notes.index(note) + 1}"


def written() -> dict[tuple[str, str], list[str]]:
    """What the page says."""
    found: dict[tuple[str, str], list[str]] = {}
    for section in PAGE.read_text().split("\n## ")[1:]:
        lines = section.splitlines()
        notes = [line.partition(". ")[2] for line in lines if line[:1].isdigit()]
        for line in lines:
            if line.startswith("| ") and not line.startswith("| |"):
                title, *cells = [cell.strip() for cell in line.strip("|").split("|")]
                found[lines[0], title] = [_read(cell, notes) for cell in cells]
    return found


def _read(cell: str, notes: Sequence[str]) -> str:
    return cell if cell == YES else REFUSED + notes[int(cell.removeprefix(REFUSED)) - 1]
