"""What a service is made of, and the variables it is given: each said once, and only once."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.kit.yaml import KeyPath
from fairlead.stack.apps import APPS
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service
from fairlead.stack.variables import variables


def services(stack: Stack) -> Iterator[tuple[KeyPath, Service]]:
    """Each service with its key path."""
    for name, service in stack.services.items():
        yield ("services", name), service


@rule
def is_one_thing(stack: Stack) -> Iterator[Finding]:
    """A service comes from exactly one place."""
    for here, service in services(stack):
        said = [key for key in ("uses", "build", "image") if getattr(service, key) is not None]
        if service.command is not None and (not said or "uses" in said):
            said.append("command")
        if len(said) != 1:
            found = " and ".join(f"`{key}`" for key in said) or "none"
            hint = "keep one (`command` goes with `build` and `image` too)" if said else "add `command: …`"
            yield Finding(here, f"should have one of `uses`, `command`, `build` or `image`, got {found}", hint)


@rule
def apps_have_ports_of_their_own(stack: Stack) -> Iterator[Finding]:
    """An app listens on what it has been written for, and on nothing else."""
    for here, service in services(stack):
        app = APPS.get(service.uses or "")
        for name in service.ports if app else ():
            known = app.ports if app else {}
            if name not in known:
                what = " and ".join(f"`{one}`" for one in known)
                yield Finding((*here, "ports", name), f"`{service.uses}` does not listen there", f"it has {what}")
            elif service.ports[name].protocol != known[name]["protocol"]:
                wanted = known[name]["protocol"]
                yield Finding(
                    (*here, "ports", name, "protocol"), f"`{service.uses}` speaks {wanted} there", "take it out"
                )


@rule
def settings_have_a_reader(stack: Stack) -> Iterator[Finding]:
    """A language or Dockerfile says how to build; both at once contradict each other."""
    for here, service in services(stack):
        if service.build is not None and service.build.dockerfile is not None and service.build.language is not None:
            message = "is for a generated Dockerfile, and `dockerfile` names one"
            yield Finding((*here, "build", "language"), message, "keep one of them")


@rule
def variables_are_set_once(stack: Stack) -> Iterator[Finding]:
    """No variable of a service has two sources."""
    for here, service in services(stack):
        first: dict[str, str] = {}
        for variable in variables(service, stack):
            where = (*here, *variable.path)
            if variable.name.startswith("FAIRLEAD_"):
                yield Finding(where, "should not begin with `FAIRLEAD_`, which Fairlead keeps for itself", "rename it")
            elif first.get(variable.name, variable.words) != variable.words:
                message = f"sets `{variable.name}`, which {first[variable.name]} sets already"
                yield Finding(where, message, variable.mend)
            first.setdefault(variable.name, variable.words)


@rule
def volumes_have_places(stack: Stack) -> Iterator[Finding]:
    """Volumes and writable paths are absolute, and no two volumes share one."""
    for here, service in services(stack):
        taken: dict[str, str] = {}
        for name, volume in service.volumes.items():
            if volume.path is None:
                continue
            where = (*here, "volumes", name, "path")
            if not volume.path.startswith("/"):
                yield Finding(where, "should be an absolute path inside the container", "begin it with `/`")
            elif volume.path in taken:
                yield Finding(where, f"should be its own, `{taken[volume.path]}` is there already", "choose another")
            taken.setdefault(volume.path, name)
        for n, path in enumerate(service.hardening.writable):
            if not path.startswith("/"):
                yield Finding((*here, "hardening", "writable", n), "should be an absolute path", "begin it with `/`")
