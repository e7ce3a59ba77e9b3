"""What an instance is started with: a version's spec, its ports, the addresses of what it needs, and its secrets."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fairlead.engine.journal.records import Instance, Version
from fairlead.engine.mounting import inner_volumes, mounts
from fairlead.engine.runtime import Container, Launch, Limits, LogPolicy, Mount, StopPolicy
from fairlead.errors import BinaryMissing, RuntimeFailure
from fairlead.kit.files import write_atomically
from fairlead.stack import variables
from fairlead.stack.apps import APPS
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.resources import Resources
from fairlead.stack.model.service import Service

PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables of the engine's own environment that a process gets; everything else is declared in the stack file."""

CONFIG = "FAIRLEAD_CONFIG"
SETTINGS = "/etc/fairlead/settings.json"
"""Where a container finds what `with:` says."""

SETTINGS_MODE = 0o644
"""Readable by the user of a container, who is somebody else; no secret is in it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the stack gives to an instance beside its own spec."""

    stack_name: str
    base: Path
    """The folder of the stack file."""

    data: Path
    """Where volumes are."""

    addresses: Mapping[str, str]
    """Variable -> address of a service or a store that is needed (may hold a password)."""

    secrets: Mapping[str, str]
    """Variable -> value."""


def launch(version: Version, instance: Instance, around: Surroundings) -> Launch:
    """Everything the runtime needs. Raises `BinaryMissing`, `RuntimeFailure` or `StateError`."""
    started = _contained if version.image else _local
    spec = version.spec
    return replace(
        started(version, instance, around),
        limits=limits(spec.resources),
        log=LogPolicy(spec.logs.max_size, spec.logs.keep),
        stop=StopPolicy(spec.stop.signal, spec.stop.grace),
        labels={"stack": around.stack_name, "service": version.service, "version": version.name},
    )


def _local(version: Version, instance: Instance, around: Surroundings) -> Launch:
    """As a process, with this machine's own PATH and the like."""
    cwd = (version.tree or around.base / version.spec.directory).resolve()
    given = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    given.setdefault("PATH", os.defpath)
    given |= {"HOST": "127.0.0.1", **_settings(version, around)}
    environment = _environment(version, instance, around, given, instance.ports, volumes(version, around.data))
    argv = _argv(version, cwd, environment["PATH"])
    return Launch(instance.id, argv, cwd, environment, instance.ports)


def _contained(version: Version, instance: Instance, around: Surroundings) -> Launch:
    """In a container: what an image holds is its own; of this machine it sees its volumes and its settings.

    An image that was built has the command in it; the stack file's replaces that of one that was fetched.
    """
    spec = version.spec
    ports = inner_ports(spec)
    settings = _settings(version, around, SETTINGS_MODE).get(CONFIG)
    given = {"HOST": "0.0.0.0", **({CONFIG: SETTINGS} if settings else {})}  # noqa: S104 - on a network of its own
    container = Container(
        image=str(version.image),
        mounts=(
            *mounts(version, around.data),
            *([Mount("bind", SETTINGS, settings, read_only=True)] if settings else []),
        ),
        user=f"{spec.hardening.user}:{spec.hardening.user}",
        read_only_root=spec.hardening.read_only_root,
        capabilities=tuple(spec.hardening.capabilities),
        internet=spec.hardening.internet,
    )
    environment = _environment(version, instance, around, given, ports, inner_volumes(spec))
    argv = tuple(spec.command or ()) if spec.image else ()
    return Launch(instance.id, argv, Path(), environment, ports, container=container)


def _environment(
    version: Version,
    instance: Instance,
    around: Surroundings,
    given: Mapping[str, str],
    ports: Mapping[str, int],
    folders: Mapping[str, str],
) -> dict[str, str]:
    """The whole environment of an instance; what the stack file says wins over what is given."""
    spec = version.spec
    ours = {
        "FAIRLEAD_STACK": around.stack_name,
        "FAIRLEAD_SERVICE": version.service,
        "FAIRLEAD_VERSION": version.name,
        "FAIRLEAD_INSTANCE": instance.id,
    }
    told = {variables.of_port(spec, name): str(port) for name, port in ports.items()}
    told |= {variables.of_volume(spec, name): folder for name, folder in folders.items()}
    if app := APPS.get(spec.uses or ""):
        places = {name: str(port) for name, port in ports.items()} | dict(folders)
        told |= {variable: places[name] for name, variable in app.variables.items() if name in places}
    declared = {name: _text(value) for name, value in spec.environment.items()}
    return dict(given) | ours | dict(around.addresses) | told | declared | dict(around.secrets)


def _settings(version: Version, around: Surroundings, mode: int = 0o600) -> dict[str, str]:
    """The file with what `with:` says, as JSON, and the variable that names it."""
    if not version.spec.settings:
        return {}
    path = around.data.parent / "settings" / version.service / f"{version.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(version.spec.settings, indent=2) + "\n", mode=mode)
    return {CONFIG: str(path)}


def volumes(version: Version, data: Path) -> dict[str, str]:
    """Volume -> its directory on this machine; the directories are made."""
    found = {}
    for name in version.spec.volumes:
        folder = data / version.service / name
        folder.mkdir(parents=True, exist_ok=True)
        found[name] = str(folder)
    return found


def limits(resources: Resources) -> Limits:
    """The limits of a spec as a runtime takes them."""
    return Limits(resources.memory.limit, resources.cpu.limit, resources.processes, resources.open_files)


def command(service: str, spec: Service) -> list[str]:
    """What the stack file says is run; nothing where an image knows. Raises `RuntimeFailure` for what can't be run."""
    if spec.uses in APPS:
        return own_command(str(spec.uses))
    if spec.uses:
        raise RuntimeFailure(f"{service}: the app `{spec.uses}` is not part of this version of Fairlead")
    if not spec.command and not spec.image and not spec.build:
        raise RuntimeFailure(f"{service}: nothing says what is run", hint="give the service a `command`")
    return spec.command or []


def own_command(app: str) -> list[str]:
    """How an app is run by this very installation; what is in its folder takes nobody's place (`-P`)."""
    return [sys.executable, "-P", "-m", "fairlead", *APPS[app].command]


def _argv(version: Version, cwd: Path, path: str) -> tuple[str, ...]:
    words = command(version.service, version.spec)
    if not words:
        raise RuntimeFailure(f"{version.service}: has no `command`, and version {version.name} has no image")
    program, *arguments = words
    return (_program(program, cwd, path, version.service), *arguments)


def commanded(launch: Launch, words: Sequence[str]) -> Launch:
    """The same with another command: looked up as an instance would, or in its image, whose entry point it replaces.

    Raises `BinaryMissing`.
    """
    if launch.container:
        return replace(launch, argv=tuple(words), container=replace(launch.container, own_entrypoint=True))
    program, *arguments = words
    return replace(launch, argv=(_program(program, launch.cwd, launch.environment["PATH"], launch.id), *arguments))


def _program(program: str, cwd: Path, path: str, subject: str) -> str:
    where = str(cwd / program) if "/" in program else shutil.which(program, path=path)
    if where is None or not os.access(where, os.X_OK):
        raise BinaryMissing(
            f"{subject}: program not found: {program}",
            hint=f"install `{program}`, or correct the command in the stack file",
        )
    return where


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
