"""What scripts know of one environment, as a file that Bash reads."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairlead.render.cluster.cluster import Cluster, is_progressive, is_stateful
from fairlead.render.parts.dumping import HEADER, SOURCE
from fairlead.render.parts.images import is_built, repository
from fairlead.render.parts.numbering import numbers
from fairlead.render.target import Scene
from fairlead.stack.model import Stack
from fairlead.stack.model.network import Probe
from fairlead.stack.model.service import Service
from fairlead.stack.model.store import Backup
from fairlead.stack.variables import url_variable

DATA, CONFIGURATION = "data", "configuration"
STATE = "/var/lib"
BUILDS = {
    "python": 'python3 -m build --outdir "${OUT:-dist}"',
    "node": 'npm ci && npm run build --if-present && npm pack --pack-destination "${OUT:-.}"',
    "go": 'CGO_ENABLED=0 go build -trimpath -o "${OUT:-dist}/" ./...',
    "rust": "cargo build --release --locked",
}
"""How a release is built where the stack file names no command, by the first language."""


def facts(scene: Scene) -> str:
    """Names, commands and places; no values of secrets."""
    return _file(_lines(scene))


def kept(scene: Scene) -> str:
    """Only what `backup` and `restore` ask for, on one machine."""
    stack = scene.stack
    head = [_text("STACK", stack.name), _text("STACK_FILE", "fairlead.yaml"), _text("NAMESPACE", stack.name)]
    return _file([*head, _text("ON", "machine"), *_stores(stack)])


def _file(lines: Iterable[str]) -> str:
    whole = [
        "# shellcheck shell=bash",
        HEADER.format(source=SOURCE).rstrip(),
        "# shellcheck disable=SC2016,SC2034  # the scripts that read it use these names, and run these commands",
        *lines,
    ]
    return "\n".join(whole) + "\n"


def _lines(scene: Scene) -> Iterator[str]:
    stack, pipeline = scene.stack, scene.stack.pipeline
    registry = pipeline.registry if pipeline else None
    yield _text("STACK", stack.name)
    yield _text("STACK_FILE", "fairlead.yaml")
    yield _text("NAMESPACE", Cluster(scene).namespace)
    yield _text("ON", "cluster" if stack.cloud else "machine")
    yield _text("REGISTRY", registry or "")
    yield _array("PLATFORMS", pipeline.platforms if pipeline else ["linux/amd64"])
    yield _array("PUBLISH", pipeline.publish if pipeline else [])
    yield _table("COMMANDS", commands(stack))
    yield from _services(scene)
    yield from _stores(stack)


def commands(stack: Stack) -> dict[str, str]:
    """Stage -> command line, with one to build and one to build a release."""
    pipeline = stack.pipeline
    said: dict[str, str] = {str(stage): line for stage, line in pipeline.commands.items()} if pipeline else {}
    languages = list(pipeline.languages) if pipeline else []
    build = said.get("build") or (BUILDS[languages[0]] if languages else "fairlead render docker")
    return {**said, "build": build, "release": build}


def _services(scene: Scene) -> Iterator[str]:
    stack = scene.stack
    yield _array("SERVICES", [name for name, service in stack.services.items() if service.schedule is None])
    built = {name: repository(scene, name, one) for name, one in stack.services.items() if is_built(one)}
    yield _table("IMAGES", built)
    yield _table("WORKLOADS", {name: _workload(scene, one) for name, one in stack.services.items()})
    within = max((one.release.ready_within for one in stack.services.values()), default=120)
    yield _text("WITHIN_S", f"{round(within)}")
    migrations = {name: one.release.migrate for name, one in stack.services.items() if one.release.migrate}
    yield _table("MIGRATE_UP", {name: shlex.join(one.up) for name, one in migrations.items()})
    yield _table("MIGRATE_DOWN", {name: shlex.join(one.down) for name, one in migrations.items() if one.down})
    yield _table("MIGRATE_S", {name: f"{round(one.timeout)}" for name, one in migrations.items()})
    yield _array("PROBES", list(probes(stack)))


def _workload(scene: Scene, service: Service) -> str:
    if service.schedule is not None:
        return "cronjob"
    if is_progressive(Cluster(scene), service):
        return "rollout"
    return "statefulset" if is_stateful(service) else "deployment"


def probes(stack: Stack) -> Iterator[str]:
    """What `health-check` asks: `http NAME PORT PATH`, `grpc NAME PORT SERVICE` or `tcp NAME PORT`."""
    numbered = numbers(stack)
    for name, service in stack.services.items():
        if service.schedule is not None or not service.ports:
            continue
        ports = numbered[name][0]
        first = next(iter(service.ports))
        asked = [one for one in (service.probes.readiness, service.probes.liveness) if one is not None]
        said = dict.fromkeys(line for one in asked if (line := _asked(name, service, ports, one)))
        yield from said or [f"tcp {name} {ports[first]}"]


def _asked(name: str, service: Service, ports: Mapping[str, int], probe: Probe) -> str:
    if probe.http is not None:
        return f"http {name} {ports[probe.http.port or next(iter(ports))]} {probe.http.path}"
    if probe.grpc is not None:
        speaking = [port for port, said in service.ports.items() if said.protocol == "grpc"]
        return f"grpc {name} {ports[probe.grpc.port or speaking[0]]} {probe.grpc.service}".rstrip()
    if probe.tcp is not None:
        return f"tcp {name} {ports[probe.tcp.port or next(iter(ports))]}"
    return ""


def _stores(stack: Stack) -> Iterator[str]:
    policies = saved(stack)
    kinds: dict[str, str] = {name: store.kind for name, store in stack.stores.items()}
    yield _array("STORES", list(stack.stores))
    yield _table("KINDS", {**kinds, DATA: DATA, CONFIGURATION: CONFIGURATION})
    yield _table("VARIABLES", {name: store.env or url_variable(name) for name, store in stack.stores.items()})
    yield _array("THINGS", list(policies))
    yield _array("DATA", [path for path, is_saved in volumes(stack) if is_saved])
    yield _table("WHERE", {name: one.where for name, one in policies.items() if one.where})
    yield _table("REGIONS", {name: one.region for name, one in policies.items() if one.region})
    yield _table("KEEP_S", {name: f"{round(one.keep)}" for name, one in policies.items()})
    yield _table("ENCRYPT", {name: "yes" if one.encrypt else "no" for name, one in policies.items()})


def saved(stack: Stack) -> dict[str, Backup]:
    """Thing -> the policy that it is saved by: stores, data (volumes), and configuration."""
    found = {name: said for name, store in stack.stores.items() if (said := store.backup or stack.backup)}
    if stack.backup and any(is_saved for _, is_saved in volumes(stack)):
        found[DATA] = stack.backup
    if stack.cluster_backup:
        found[CONFIGURATION] = stack.cluster_backup
    return found


def volumes(stack: Stack) -> Iterator[tuple[str, bool]]:
    """The directories of volumes under systemd, and whether they are saved."""
    for name, service in stack.services.items():
        for volume, said in service.volumes.items():
            if not said.temporary:
                yield f"{STATE}/{stack.name}/{name}/{volume}", said.backup


def _text(name: str, value: str) -> str:
    return f"{name}={shlex.quote(value)}"


def _array(name: str, values: Sequence[str]) -> str:
    return f"{name}=({' '.join(shlex.quote(one) for one in values)})"


def _table(name: str, values: Mapping[str, str]) -> str:
    inner = "".join(f"\n    [{key}]={shlex.quote(value)}" for key, value in values.items())
    return f"declare -gA {name}=({inner}\n)" if inner else f"declare -gA {name}=()"
