"""systemd: a hardened unit for every program of the stack, timers, logs, and scripts that install and remove all of it.

Services with a `command` or one of Fairlead's apps become units; several instances are a template, whose ports are
the stack file's where they are free and the next free ones else. A unit may do nothing that its service does not say
that it needs (`systemd-analyze security` counts 1.1, and 1.5 for what reads for a backup): `hardening.jit`,
`internet`, `writable`, `capabilities` and `read_only_root` relax it. It runs as a user that is there only as long as
it runs, writes to its volumes below `/var/lib/STACK`, and is given variables from `/etc/STACK` and secrets from
`/etc/STACK/secrets` (0600, root only).

A start waits until the startup and readiness probes pass. The liveness probe is a watchdog: a timer asks, and a unit
that does not answer is restarted. gRPC probes need `grpc_health_probe`. Stores are servers of the machine, or anything
that `/etc/STACK/addresses.env` names. There is no entrance: a proxy in front sends requests to the ports. Each service
has its own journal (`journalctl --namespace STACK-SERVICE`), of the size that `logs` says. Backups are timers that run
the script of the scripts target. `install --source DIR` copies the programs to `/opt/STACK`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.render.leaves import left_out
from fairlead.render.parts.dumping import ini_text
from fairlead.render.parts.shell import script
from fairlead.render.parts.shell.facts import kept, saved
from fairlead.render.target import EXECUTABLE, TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.systemd import timers, variables
from fairlead.render.targets.systemd.installing import facts, journals
from fairlead.render.targets.systemd.leaving import LEFT_OUT
from fairlead.render.targets.systemd.naming import Names, is_run
from fairlead.render.targets.systemd.units import unit

IMAGE = "it runs from an image: the compose target renders it"
ALWAYS_IGNORED = [".git", ".venv", "node_modules/.cache", "__pycache__", ".fairlead", "rendered"]


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """The stack, or one environment of it: `units/`, `etc/`, `journald/`, `lib/`, `install` and `uninstall`."""
    yield from left_out(scene.stack, LEFT_OUT)
    names = Names(scene)
    run = [name for name, said in scene.stack.services.items() if is_run(said)]
    for name, said in scene.stack.services.items():
        if not is_run(said):
            yield Unsupported(f"services.{name}", IMAGE)
    for name in run:
        yield from unit(names, name)
        yield from _beside(names, name)
    yield from _targets(names, run)
    yield timers.restarting(names)
    yield from timers.backups(names)
    yield from variables.files(names)
    yield from journals(names, run)
    yield from _scripts(names, run)


def _beside(names: Names, name: str) -> Iterator[File]:
    said = names.stack.services[name]
    if said.schedule is not None:
        yield timers.schedule(names, name, said.schedule)
    elif said.probes.liveness is not None:
        yield from timers.liveness(names, name, said, said.probes.liveness)


def _targets(names: Names, run: list[str]) -> Iterator[File]:
    about = names.stack.description or names.stack.name
    profiles = dict.fromkeys(target for name in run for target in names.targets(names.stack.services[name]))
    for target in [names.target, *(one for one in profiles if one != names.target)]:
        install = [("WantedBy", "multi-user.target")] if target == names.target else []
        sections = {"Unit": [("Description", about.replace("%", "%%"))], **({"Install": install} if install else {})}
        yield File(f"units/{target}", ini_text(sections))


def _scripts(names: Names, run: list[str]) -> Iterator[File]:
    services = names.stack.services
    ignored = [*ALWAYS_IGNORED, *dict.fromkeys(glob for name in run for glob in services[name].ignore)]
    yield File("facts.sh", facts(names, list(_started(names, run)), ignored))
    for name in ("install", "uninstall"):
        yield File(name, script(name), EXECUTABLE)
    yield File("lib/probe", script("probe"), EXECUTABLE)
    if saved(names.stack):
        yield File("lib/backup", script("backup"), EXECUTABLE)
        yield File("lib/restore", script("restore"), EXECUTABLE)
        for name in ("common", "keeping"):
            yield File(f"lib/lib/{name}.sh", script(name))
        environment = names.scene.environment or "default"
        yield File(f"lib/lib/environments/{environment}.sh", kept(names.scene))


def _started(names: Names, run: list[str]) -> Iterator[str]:
    """What is enabled; what belongs to a profile waits until somebody starts its target."""
    yield names.target
    for name in run:
        said = names.stack.services[name]
        if said.schedule is not None:
            yield f"{names.unit(name)}.timer"
            continue
        yield from names.running(name)
        if said.probes.liveness is not None:
            for one in names.running(name):
                yield one.replace(f"{names.stack.name}-{name}", f"{names.stack.name}-{name}-health", 1).replace(
                    ".service", ".timer"
                )
    for thing in saved(names.stack):
        store = names.stack.stores.get(thing)
        if store is None or store.kind != "objects":
            yield f"{names.stack.name}-backup-{thing}.timer"


TARGETS.register("systemd")(
    Target("Hardened units for one machine, timers, install scripts", render, ("systemd", "shellcheck"))
)
