"""Docker Compose: the stack on one machine, hardened, behind an entrance and with all that watches it.

`compose.yaml` is the stack as it is, and `NAME/compose.yaml` each environment. Containers run as a user without rights
on a read-only root, without capabilities, with limits of processor, memory and processes, with an init process and a
health check; logs are rotated. A network of its own leads to each service and store: only what `needs` it is in there,
and only who may has a way out. `compose.development.yaml` (of the plain stack and of environments called `dev`,
`development`, `local` or `test`) is laid over it with a second `-f`: it builds the images, opens ports on 127.0.0.1 and
adds a page that looks into Redis.

Run `./secrets.sh` first: it makes passwords, and writes each secret to a file of `secrets/`. Programs whose image we
know are given variables by a shell that reads those files; to others Compose gives them, from `.env`. The front is an
Envoy with the routes, limits and headers of Fairlead's own router; releases are `docker compose up` (one version at a
time). Services with a `schedule` are in the profile `jobs`: a timer has to run `docker compose run --rm NAME`. An image
that has no shell, wget, curl, node or python needs a `command` probe of its own. The folder is meant to stay where it
is rendered to by default: paths lead from `rendered/compose` to the folder of the stack file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fairlead.errors import UsageError
from fairlead.render.leaves import left_out
from fairlead.render.parts import surroundings
from fairlead.render.parts.dumping import yaml_text
from fairlead.render.target import EXECUTABLE, TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.compose import development, front, networks, programs, secrets, stores, volumes, watching
from fairlead.render.targets.compose.leaving import LEFT_OUT, unsupported
from fairlead.render.targets.compose.project import FRONT, VOLUMES, Data, Project, literal

ROOT = "../.."
"""From `rendered/compose` to the folder of the stack file."""


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """The stack, and a folder for each environment; with an environment, only that one."""
    yield from left_out(scene.stack, LEFT_OUT)
    yield from unsupported(scene.stack)
    yield from _files(scene, ROOT)
    if scene.environment is None:
        for name, stack in scene.environments.items():
            yield from unsupported(stack)
            for file in _files(replace(scene, stack=stack, environment=name), f"{ROOT}/.."):
                yield replace(file, path=f"{name}/{file.path}")


def _files(scene: Scene, root: str) -> Iterator[File]:
    project = Project(scene)
    services = _services(project)
    over = development.services(project, services, root=root) if development.is_development(project) else {}
    yield File("compose.yaml", yaml_text(literal(_document(project, services))))
    if over:
        yield File("compose.development.yaml", yaml_text(literal(_laid_over(over))))
    for name, service in scene.stack.services.items():
        if service.settings:
            yield File(programs.settings_file(name), surroundings.settings(service))
    if FRONT in services:
        yield File(front.CONFIG, front.configuration(project))
    yield File(secrets.SCRIPT, _script(project, services, root), EXECUTABLE)
    for target in watching.FOLDERS:
        for one in TARGETS.get(target).render(scene):
            if isinstance(one, File):
                yield replace(one, path=f"{target}/{one.path}")


def _services(project: Project) -> Data:
    ours: Data = dict([*programs.of(project), *stores.of(project)])
    beside: Data = dict(watching.of(project))
    if (entrance := front.of(project)) is not None:
        beside[FRONT] = entrance
    if taken := sorted(ours.keys() & {*beside, VOLUMES}):
        names = ", ".join(f"`{name}`" for name in taken)
        raise UsageError(
            f"compose: {names}: what stands beside the stack has the same name there",
            hint="give the service or the store of the stack file another name",
        )
    return volumes.owned(ours | beside, project.stack.docker.images)


def _document(project: Project, services: Data) -> Data:
    names = secrets.used(services)
    return {
        "name": project.name,
        "services": services,
        "networks": networks.declared(networks.used(services)),
        **({"volumes": {name: {} for name in volumes.used(services)}} if volumes.used(services) else {}),
        **({"secrets": secrets.declared(names)} if names else {}),
    }


def _laid_over(over: Data) -> Data:
    return {"services": over, "networks": networks.declared(networks.used(over))}


def _script(project: Project, services: Data, root: str) -> str:
    return secrets.script(project, secrets.used(services), secrets.plain(services), root=root)


TARGETS.register("compose")(
    Target("Docker Compose: hardened, with an entrance and all that watches it", render, ("compose",))
)
