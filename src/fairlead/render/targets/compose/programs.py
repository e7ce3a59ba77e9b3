"""The stack's services as containers: what they are told, what they wait for, and what is run before them."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts import surroundings
from fairlead.render.parts.images import image_of
from fairlead.render.targets.compose import networks, secrets, stores
from fairlead.render.targets.compose.containers import container, disk, file, scratch, wrapped
from fairlead.render.targets.compose.health import healthcheck
from fairlead.render.targets.compose.project import Asked, Data, Project, is_outside
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.service import Need, Service
from fairlead.stack.variables import of_need

JOBS = "jobs"
"""The profile of services with a schedule: `docker compose run --rm NAME` runs one."""

COLLECTOR = "http://collector:4318"
PULL = {"missing": "missing", "always": "always", "never": "never"}


def of(project: Project) -> Iterator[tuple[str, Data]]:
    """The containers of all services, and those that migrate their data."""
    for name, service in project.stack.services.items():
        if service.release.migrate is not None:
            yield f"{name}-migrate", _migration(project, name, service, list(service.release.migrate.up))
        yield name, _service(project, name, service)


def settings_file(name: str) -> str:
    """Where the configuration of a service is, beside the Compose file."""
    return f"settings/{name}.json"


def _volume(service: str, volume: str) -> str:
    return f"{service}-{volume}"


def _service(project: Project, name: str, service: Service) -> Data:
    found = _program(project, name, service, project.command(name))
    deploy = {**found["deploy"], "replicas": service.scale.min}
    if check := healthcheck(project, name):
        found["healthcheck"] = check
    if service.schedule is not None:
        found |= {"profiles": [JOBS, *service.profiles], "restart": "no"}
    elif service.profiles:
        found["profiles"] = list(service.profiles)
    return found | {"deploy": deploy, "stop_signal": service.stop.signal}


def _migration(project: Project, name: str, service: Service, command: list[str]) -> Data:
    found = _program(project, name, service, command)
    found["depends_on"].pop(f"{name}-migrate", None)
    profiles = [JOBS, *service.profiles] if service.schedule is not None else service.profiles
    return {**found, "restart": "no", **({"profiles": profiles} if profiles else {})}


def _program(project: Project, name: str, service: Service, command: list[str] | None) -> Data:
    user = service.hardening.user
    found = container(
        image_of(project.scene, name),
        user=f"{user}:{user}",
        resources=service.resources,
        writable=service.hardening.writable,
        read_only=service.hardening.read_only_root,
        logs=service.logs,
        networks=networks.of_service(project, name),
        grace_s=service.stop.grace,
        capabilities=[one.removeprefix("CAP_") for one in service.hardening.capabilities],
    )
    found["pull_policy"] = PULL[project.stack.docker.pull]
    found["volumes"] = [*_mounts(name, service), *found["volumes"]]
    if service.resources.open_files:
        found["ulimits"] = {"nofile": service.resources.open_files}
    labels = {**project.stack.labels, **service.labels}
    if service.description:
        labels["org.opencontainers.image.description"] = service.description
    return found | {"labels": labels} | _told(project, name, service, command) | {"depends_on": _waits(project, name)}


def _mounts(name: str, service: Service) -> Iterator[Data]:
    for volume, path in surroundings.volume_paths(service).items():
        said = service.volumes[volume]
        if said.temporary:
            yield scratch(path, *([said.size] if said.size else []))
        else:
            yield disk(_volume(name, volume), path)
    if service.settings:
        yield file(f"./{settings_file(name)}", surroundings.SETTINGS)


def _told(project: Project, name: str, service: Service, command: list[str] | None) -> Data:
    """Variables. Those with secrets come from files where a shell can read them, else from Compose itself."""
    plain = dict(surroundings.plain(project.scene, name))
    if project.stack.watching.traces != "none":
        plain = {"OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR, "OTEL_SERVICE_NAME": name, **plain}
    files: set[str] = set()
    hidden: dict[str, str] = {}
    for need in project.needs(service):
        variable = of_need(need, project.stack)
        address, secret = _address(project, need, wrapped=project.is_wrapped(name))
        if secret:
            files.add(secret)
            hidden[variable] = address
        else:
            plain[variable] = address
    for variable, secret in service.secrets.items():
        files.add(secret)
        hidden[variable] = secrets.read(secret) if project.is_wrapped(name) else Asked(secrets.asked(secret))
    starts: Data = {}
    if project.is_wrapped(name) and hidden:
        starts = wrapped(hidden, command or [])
    elif command:
        starts = {"entrypoint": [], "command": command} if service.uses else {"command": command}
    if not project.is_wrapped(name):
        return {"environment": {**plain, **hidden}, **starts}
    return {"environment": plain, **starts, **({"secrets": sorted(files)} if files else {})}


def _address(project: Project, need: Need, *, wrapped: bool) -> tuple[str, str | None]:
    """Where something is, and the secret that is part of it."""
    store = project.stack.stores.get(need.name)
    if store is None:
        other = project.stack.services[need.name]
        port = need.port or next(iter(other.ports), None)
        number = inner_ports(other)[port] if port else 80
        scheme = {"grpc": "grpc", "tcp": "tcp"}.get(other.ports[port].protocol, "http") if port else "http"
        return f"{scheme}://{need.name}:{number}", None
    if store.external:
        return store.external, None
    secret = store.external_secret or (secrets.url(need.name) if is_outside(store) else secrets.password(need.name))
    value = secrets.read(secret) if wrapped else secrets.asked(secret)
    whole = value if is_outside(store) else stores.address(need.name, store, value)
    if not is_outside(store) and not stores.has_password(store):
        return whole, None
    return whole if wrapped else Asked(whole), secret


def _waits(project: Project, name: str) -> Data:
    """What has to be there first, and in which state."""
    service = project.stack.services[name]
    found: Data = {}
    for need in project.needs(service):
        store, other = project.stack.stores.get(need.name), project.stack.services.get(need.name)
        if store is not None and is_outside(store):
            continue
        asked = store is not None or healthcheck(project, need.name) is not None
        state = "service_healthy" if need.condition == "ready" and asked else "service_started"
        optional = bool((store or other or service).profiles or (other and other.schedule is not None))
        found[need.name] = {"condition": state, **({"required": False} if optional else {})}
    done = {"condition": "service_completed_successfully"}
    if service.release.migrate is not None:
        found[f"{name}-migrate"] = done
    return found
