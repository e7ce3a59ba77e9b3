"""What development adds: images built from the sources, a page to look into Redis, and ports of this machine's own."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead import __version__
from fairlead.dockerfile import Subject, dockerfile, published
from fairlead.render.parts.images import is_built
from fairlead.render.targets.compose import networks, secrets, stores
from fairlead.render.targets.compose.containers import container, wrapped
from fairlead.render.targets.compose.health import every, fetched
from fairlead.render.targets.compose.project import OUTSIDE, Data, Project
from fairlead.stack.model.service import Service

ENVIRONMENTS = {"dev", "development", "local", "test"}
"""Names of environments that are for development; so is a stack without an environment."""

LOCAL = "127.0.0.1"
REDIS_PAGE = "docker.io/rediscommander/redis-commander:0.9.0"
PAGES = {"grafana": 3000, "prometheus": 9090}
LOOKS_INTO_REDIS = ("redis-commander", "redisinsight", "redis-insight")


def is_development(project: Project) -> bool:
    """Whether this environment is for development."""
    return project.scene.environment is None or project.scene.environment in ENVIRONMENTS


def services(project: Project, there: Data, *, root: str) -> Data:
    """What is laid over the services that are `there`."""
    found: dict[str, Data] = {}
    taken = {project.stack.router.http, project.stack.router.https}
    for name, build in _builds(project, root):
        found.setdefault(name, {})["build"] = build
    ports = {name: PAGES[name] for name in PAGES} | {name: stores.PORTS[s.kind] for name, s in project.inside()}
    for name, port in ports.items():
        if name in there:
            found.setdefault(name, {}).update(_published(there[name]["networks"], port, taken))
    for name in _unseen(project):
        page = _page(project, name)
        found[f"{name}-ui"] = {**page, **_published(page["networks"], 8081, taken)}
    return found


def _published(members: list[str], port: int, taken: set[int | None]) -> Data:
    """On this machine alone; the next number where one is taken."""
    number = port
    while number in taken:
        number += 1
    taken.add(number)
    ports = [{"target": port, "published": str(number), "host_ip": LOCAL, "protocol": "tcp"}]
    return {"ports": ports, "networks": [*members, *([] if OUTSIDE in members else [OUTSIDE])]}


def _builds(project: Project, root: str) -> Iterator[tuple[str, Data]]:
    for name, service in project.stack.services.items():
        if service.uses:
            text = published(__version__, project.bases)
            yield name, {"context": ".", "dockerfile_inline": text, "target": "production"}
        elif is_built(service):
            yield name, _build(project, name, service, root)


def _build(project: Project, name: str, service: Service, root: str) -> Data:
    said = service.build
    context = f"{root}/{(said.context if said else service.directory).removeprefix('./')}"
    args = {"args": dict(said.args)} if said and said.args else {}
    if project.recipe(name) is None:
        file = {"dockerfile": said.dockerfile} if said and said.dockerfile else {}
        stage = {"target": said.target} if said and said.target else {}
        return {"context": context, **file, **stage, **args}
    text = dockerfile(Subject(name, service, project.scene.listing(name), project.bases))
    stage = {"target": said.target if said and said.target else "production"}
    return {"context": context, "dockerfile_inline": text, **stage, **args}


def _unseen(project: Project) -> Iterator[str]:
    """Redis servers that no service of the stack looks into."""
    images = [service.image or "" for service in project.stack.services.values()]
    if not any(known in image for known in LOOKS_INTO_REDIS for image in images):
        yield from (name for name, store in project.inside() if store.kind == "redis")


def _page(project: Project, name: str) -> Data:
    """It writes its configuration beside its program, so that its root can't be read-only."""
    found = container(REDIS_PAGE, user="1001:1001", read_only=False, networks=networks.of_store(project, name))
    found["secrets"] = [secrets.password(name)]
    found["environment"] = {"REDIS_HOST": name, "REDIS_PORT": "6379", "PORT": "8081"}
    found["depends_on"] = {name: {"condition": "service_healthy"}}
    found["healthcheck"] = every(fetched(8081, "/favicon.png"))
    read = secrets.read(secrets.password(name))
    return found | wrapped({"REDIS_PASSWORD": read}, ["/redis-commander/docker/entrypoint.sh"])
