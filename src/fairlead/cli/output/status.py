"""The picture that `fairlead status` gives: a table of services and versions, and below it what needs a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from fairlead.cli.output.judgement import judgement_lines
from fairlead.cli.output.table import Cell, Column, fit
from fairlead.cli.output.words import clean, milliseconds, share, size, span

Facts = Mapping[str, Any]

COLUMNS = (
    Column("SERVICE"),
    Column("VERSION"),
    Column("SHARE", right=True),
    Column("READY"),
    Column("STATE"),
    Column("REQUESTS", 1, right=True),
    Column("ERRORS", 2, right=True),
    Column("P95", 3, right=True),
    Column("RESTARTS", 4, right=True),
    Column("MEMORY", 5, right=True),
    Column("ADDRESS", 6),
)
COLOURS = {"ready": "green", "starting": "yellow", "degraded": "yellow", "crash-looping": "red", "failed": "red"}
PROBLEM_LINES = 10


def status_lines(status: Facts, *, now: float, width: int | None) -> list[str]:
    """The whole picture in at most `width` columns; `now` is in seconds since the epoch."""
    parts: tuple[Sequence[str], ...] = (
        [_headline(status, now)],
        _services(status["services"], now, width),
        [_release(found["release"], now) for found in status["services"] if _to_tell(found)],
        *_judgements(status, now, width),
        _stores(status.get("stores") or [], width),
        _problems([*status["services"], *(status.get("stores") or [])]),
        _notes(status.get("notes") or []),
    )
    lines: list[str] = []
    for part in parts:
        lines += ["", *part] if lines and part else part
    return lines


def _headline(status: Facts, now: float) -> str:
    name = click.style(status.get("stack") or "(nothing is up)", bold=True)
    environment = f" ({status['environment']})" if status.get("environment") else ""
    daemon, router = status["daemon"], status.get("router") or {}
    parts = [f"daemon {daemon['pid']}, {span(now - daemon['since'])}, {size(daemon['memory_bytes'])}"]
    if router.get("alive"):
        parts.append(f"{router['name']} on {', '.join(router['entrances']) or 'no public address'}")
    elif status["services"]:
        parts.append(click.style(f"{router.get('name') or 'router'} is down", fg="red"))
    return f"{name}{environment}: {'; '.join(parts)}"


def _services(services: Sequence[Facts], now: float, width: int | None) -> list[str]:
    if not services:
        return ["no services"]
    rows = [row for service in services for row in _rows(service, now)]
    fitted = fit(COLUMNS, rows, width)
    lines = fitted.lines
    if "address" in fitted.left_out:
        lines = [*lines, "", *_addresses(services)]
    hidden = [title for title in fitted.left_out if title != "address"]
    if hidden:
        lines = [
            *lines,
            "",
            click.style(f"no room for {', '.join(hidden)}: `fairlead status --json` has all", dim=True),
        ]
    return lines


def _rows(service: Facts, now: float) -> Iterator[list[Cell | str]]:
    state = Cell(service["state"], COLOURS.get(service["state"]))
    address = next(iter(service.get("exposed") or []), None) or service.get("address") or "-"
    if not service["versions"]:
        yield [service["name"], "-", "-", "-", state, "-", "-", "-", "-", "-", address]
    for number, version in enumerate(service["versions"]):
        first = number == 0
        own = state if first else Cell(_minor_state(version, now))
        yield [service["name"] if first else "", *_figures(version, own), address if first else ""]


def _figures(version: Facts, state: Cell) -> list[Cell | str]:
    instances = version.get("instances") or []
    memory = [instance["memory_bytes"] for instance in instances if instance.get("memory_bytes")]
    return [
        version["version"],
        share(version["share"]),
        f"{version['ready']}/{version['wanted']}",
        state,
        f"{version['requests']:,}",
        Cell(f"{version['errors']:,}", "red" if version["errors"] else None),
        milliseconds(version.get("p95_ms")),
        str(sum(instance.get("restarts") or 0 for instance in instances)),
        size(sum(memory)) if memory else "-",
    ]


def _minor_state(version: Facts, now: float) -> str:
    """What a version does that is not the first of its service."""
    if version.get("warm_until"):
        return f"warm for {span(version['warm_until'] - now)}"
    states = {instance["state"] for instance in version.get("instances") or []}
    if states == {"ready"} and not version["share"]:
        return "standing by"
    if version["share"] or not states:
        return "ready" if version["ready"] >= version["wanted"] else "starting"
    return states.pop() if len(states) == 1 else "changing"


def _addresses(services: Sequence[Facts]) -> Iterator[str]:
    widest = max(len(service["name"]) for service in services)
    for service in services:
        found = (service.get("exposed") or []) or ([service["address"]] if service.get("address") else [])
        if found:
            yield f"{service['name']:<{widest}}  {', '.join(found)}"


def _to_tell(service: Facts) -> bool:
    """Whether a release is under way that no picture shows; one of several services is told once."""
    release = service.get("release") or {}
    return release.get("state") == "running" and not service.get("judging")


def _judgements(status: Facts, now: float, width: int | None) -> list[list[str]]:
    """A picture for each release under judgement."""
    found = {one["release"]: one for service in status["services"] if (one := service.get("judging"))}
    return [judgement_lines(one, now=now, width=width) for one in found.values()]


def _release(release: Facts, now: float) -> str:
    change = f"{release['from']} -> {release['to']}" if release.get("from") else release["to"]
    which = f"release {release['id']} of {release['service']}: {change}, {release['strategy']}"
    paused = f", paused by {release['paused']}" if release.get("paused") else ""
    return f"{which}, for {span(now - release['began'])}, by {release['who']}{paused}"


def _stores(stores: Sequence[Facts], width: int | None) -> list[str]:
    if not stores:
        return []
    columns = (Column("STORE"), Column("KIND"), Column("STATE"), Column("ADDRESS", 1))
    rows = [
        [store["name"], " ".join(filter(None, (store["kind"], store.get("version")))),
         Cell(store["state"], COLOURS.get(store["state"])), store.get("address") or "-"]
        for store in stores
    ]  # fmt: skip
    return fit(columns, rows, width).lines


def _problems(found: Sequence[Facts]) -> list[str]:
    lines = []
    for thing in found:
        if thing.get("problem"):
            lines.append(click.style(f"{thing['name']} is {thing['state']}:", fg="red"))
            told = clean(str(thing["problem"])).splitlines()[-PROBLEM_LINES:]
            lines += [click.style(f"  | {line}", dim=True) for line in told]
    return lines


def _notes(notes: Sequence[str]) -> list[str]:
    return [f"note: {clean(note)}" for note in notes]
