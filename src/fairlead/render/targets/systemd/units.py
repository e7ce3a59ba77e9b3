"""The unit of a service: what it needs, how it starts and ends, what it may use, and what it is denied."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts.dumping import ini_text
from fairlead.render.target import File
from fairlead.render.targets.systemd.asking import line, quoted, seconds
from fairlead.render.targets.systemd.naming import SERVERS, Names, is_run, is_template
from fairlead.render.targets.systemd.sandbox import Line, denied
from fairlead.stack.model.release import Migration
from fairlead.stack.model.service import Service

ENV = "/usr/bin/env"
"""Finds programs on the path that the unit sets; the program takes its place."""

TASKS = 512
ARCHITECTURES = {"amd64": "x86-64", "arm64": "arm64"}
PRIORITIES = {"low": (("OOMScoreAdjust", "500"), ("Nice", "10")), "high": (("OOMScoreAdjust", "-500"),), "normal": ()}


def unit(names: Names, service: str) -> Iterator[File]:
    """Its own, and that of its migration."""
    said = names.stack.services[service]
    migration = said.release.migrate
    sections = {
        "Unit": [*_head(names, service, said), *_waiting(names, said), *_needs(names, service, said)],
        "Service": [
            *_starting(names, service, said),
            *surroundings(names, service, said),
            *_ending(said),
            *_limits(said),
            *denied(said.hardening, said.resources.gpu),
        ],
        **({} if said.schedule else {"Install": [("WantedBy", one) for one in names.targets(said)]}),
        **_labels(names, said),
    }
    yield File(f"units/{names.unit(service)}.service", ini_text(sections))
    if migration is not None:
        yield File(f"units/{migrating(names, service)}", _migration(names, service, said, migration))


def migrating(names: Names, service: str) -> str:
    """The unit that changes stored data."""
    return f"{names.stack.name}-{service}-migrate.service"


def program(service: Service) -> list[str]:
    """What is run."""
    return ["fairlead", service.uses, "serve"] if service.uses else list(service.command or [])


def _head(names: Names, service: str, said: Service) -> Iterator[Line]:
    number = " %i" if is_template(said) else ""
    yield "Description", (said.description or f"{names.stack.name} {service}").replace("%", "%%") + number
    yield from (("AssertArchitecture", f"|{ARCHITECTURES[one]}") for one in said.placement.architectures)
    if said.schedule is None:
        yield "PartOf", " ".join(names.targets(said))


def _waiting(names: Names, said: Service) -> Iterator[Line]:
    yield "Wants", "network-online.target"
    yield "After", "network-online.target"
    if said.schedule is None:
        yield "StartLimitBurst", f"{said.restart.crash_loop}"
        yield "StartLimitIntervalSec", seconds(said.restart.stable * said.restart.crash_loop)


def _needs(names: Names, service: str, said: Service) -> Iterator[Line]:
    """Servers that are not here are reached at the address that they have elsewhere."""
    for need in said.needs:
        store = names.stack.stores.get(need.name)
        other = names.stack.services.get(need.name)
        if store is not None and not (store.external or store.external_secret) and store.kind in SERVERS:
            yield "Wants", SERVERS[store.kind]
            yield "After", SERVERS[store.kind]
        elif other is not None and is_run(other) and other.schedule is None:
            units = " ".join(names.running(need.name))
            yield ("Requires" if need.condition == "ready" else "Wants"), units
            yield "After", units
    if said.release.migrate is not None:
        yield "Requires", migrating(names, service)
        yield "After", migrating(names, service)


def _starting(names: Names, service: str, said: Service) -> Iterator[Line]:
    yield "Type", "oneshot" if said.schedule else "exec"
    yield "ExecStart", f"{ENV} {quoted(program(said))}"
    if said.schedule:
        return
    probes = said.probes
    limit = said.release.ready_within
    if probes.startup is not None:
        limit += probes.startup.within
        yield "ExecStartPost", line(names.library, said, probes.startup, within=probes.startup.within)
    if probes.readiness is not None:
        yield "ExecStartPost", line(names.library, said, probes.readiness, within=said.release.ready_within)
    yield "TimeoutStartSec", seconds(limit + 5)


def surroundings(names: Names, service: str, said: Service) -> Iterator[Line]:
    """User, folders, variables and log."""
    yield "DynamicUser", "yes"
    yield "User", names.user(service)
    yield "WorkingDirectory", f"-{names.home}/{said.directory.removeprefix('./').rstrip('.')}".rstrip("/")
    yield "Environment", f"PATH={names.home}/.venv/bin:{names.home}/bin:/usr/local/bin:/usr/bin:/bin"
    yield "EnvironmentFile", f"{names.folder}/{service}.env"
    yield "EnvironmentFile", f"-{names.folder}/addresses.env"
    if is_template(said):
        yield "EnvironmentFile", f"{names.folder}/{service}-%i.env"
    if said.secrets:
        yield "EnvironmentFile", f"{names.folder}/secrets/{service}.env"
    for volume, kept in said.volumes.items():
        kind = "RuntimeDirectory" if kept.temporary else "StateDirectory"
        yield kind, f"{names.stack.name}/{service}/{volume}"
    yield "LogNamespace", names.log(service)
    yield "SyslogIdentifier", service


def _ending(said: Service) -> Iterator[Line]:
    yield "KillMode", "mixed"
    yield "KillSignal", said.stop.signal
    yield "TimeoutStopSec", seconds(said.stop.grace)
    if said.schedule is None:
        yield "Restart", "always"
        yield "RestartSec", seconds(said.restart.backoff)


def _limits(said: Service) -> Iterator[Line]:
    used = said.resources
    if used.cpu.request is not None:
        yield "CPUWeight", f"{min(10000, max(1, round(used.cpu.request * 100)))}"
    if used.cpu.limit is not None:
        yield "CPUQuota", f"{used.cpu.limit * 100:g}%"
    if used.memory.request is not None:
        yield "MemoryLow", size(used.memory.request)
    if used.memory.limit is not None:
        yield "MemoryMax", size(used.memory.limit)
    yield "TasksMax", f"{used.processes or TASKS}"
    if used.open_files is not None:
        yield "LimitNOFILE", f"{used.open_files}"
    yield from PRIORITIES[said.placement.priority]


def size(count: int) -> str:
    """Bytes as systemd writes them."""
    for unit_, factor in (("G", 2**30), ("M", 2**20), ("K", 2**10)):
        if count and count % factor == 0:
            return f"{count // factor}{unit_}"
    return f"{count}"


def _migration(names: Names, service: str, said: Service, migration: Migration) -> str:
    return ini_text(
        {
            "Unit": [
                ("Description", f"{names.stack.name} {service}: changes stored data".replace("%", "%%")),
                *_waiting_for_stores(names, said),
            ],
            "Service": [
                ("Type", "oneshot"),
                ("RemainAfterExit", "yes"),
                ("ExecStart", f"{ENV} {quoted(migration.up)}"),
                ("TimeoutStartSec", seconds(migration.timeout)),
                *(one for one in surroundings(names, service, said) if "%i" not in one[1]),
                *denied(said.hardening),
            ],
        }
    )


def _waiting_for_stores(names: Names, said: Service) -> Iterator[Line]:
    needed = [names.stack.stores[need.name].kind for need in said.needs if need.name in names.stack.stores]
    found = [SERVERS[kind] for kind in dict.fromkeys(needed) if kind in SERVERS]
    yield "Wants", " ".join(["network-online.target", *found])
    yield "After", " ".join(["network-online.target", *found])


def _labels(names: Names, said: Service) -> dict[str, list[Line]]:
    """systemd leaves alone what begins with `X-`."""
    labels = {**names.stack.labels, **said.labels}
    return {"X-Fairlead": [(f"Label-{key}", value) for key, value in labels.items()]} if labels else {}
