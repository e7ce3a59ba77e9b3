"""What an instance is started with: a version's spec, its ports, the addresses of what it needs, and its secrets."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairlead.engine.journal.records import Instance, Version
from fairlead.engine.runtime import Launch, Limits, LogPolicy, StopPolicy
from fairlead.errors import BinaryMissing, RuntimeFailure
from fairlead.kit.files import write_atomically
from fairlead.stack import variables
from fairlead.stack.model.resources import Resources
from fairlead.stack.model.service import Service

PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables of the engine's own environment that a service gets; everything else is declared in the stack file."""


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
    """Everything the runtime needs. Raises `BinaryMissing` or `RuntimeFailure`."""
    spec = version.spec
    cwd = (version.tree or around.base / spec.directory).resolve()
    environment = surroundings_of(version, instance, around)
    return Launch(
        id=instance.id,
        argv=_argv(version, cwd, environment["PATH"]),
        cwd=cwd,
        environment=environment,
        ports=instance.ports,
        limits=limits(spec.resources),
        log=LogPolicy(spec.logs.max_size, spec.logs.keep),
        stop=StopPolicy(spec.stop.signal, spec.stop.grace),
        labels={"stack": around.stack_name, "service": version.service, "version": version.name},
    )


def surroundings_of(version: Version, instance: Instance, around: Surroundings) -> dict[str, str]:
    """The whole environment of an instance; what the stack file says wins over what is given."""
    spec = version.spec
    given = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    given.setdefault("PATH", os.defpath)
    given |= {
        "HOST": "127.0.0.1",
        "FAIRLEAD_STACK": around.stack_name,
        "FAIRLEAD_SERVICE": version.service,
        "FAIRLEAD_VERSION": version.name,
        "FAIRLEAD_INSTANCE": instance.id,
    }
    given |= _settings(version, around)
    declared = {name: _text(value) for name, value in spec.environment.items()}
    ports = {variables.of_port(spec, name): str(port) for name, port in instance.ports.items()}
    return given | dict(around.addresses) | volumes(version, around.data) | ports | declared | dict(around.secrets)


def _settings(version: Version, around: Surroundings) -> dict[str, str]:
    """The file with what `with:` says, as JSON, and the variable that names it."""
    if not version.spec.settings:
        return {}
    path = around.data.parent / "settings" / version.service / f"{version.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(version.spec.settings, indent=2) + "\n")
    return {"FAIRLEAD_CONFIG": str(path)}


def volumes(version: Version, data: Path) -> dict[str, str]:
    """Variable -> directory of each volume; the directories are made."""
    found = {}
    for name in version.spec.volumes:
        folder = data / version.service / name
        folder.mkdir(parents=True, exist_ok=True)
        found[variables.of_volume(version.spec, name)] = str(folder)
    return found


def limits(resources: Resources) -> Limits:
    """The limits of a spec as a runtime takes them."""
    return Limits(resources.memory.limit, resources.cpu.limit, resources.processes, resources.open_files)


def command(service: str, spec: Service) -> list[str]:
    """What a service runs as a local process. Raises `RuntimeFailure` for one that this version can't run."""
    if spec.uses:
        raise RuntimeFailure(f"{service}: the app `{spec.uses}` is not part of this version of Fairlead")
    if spec.image or spec.build or not spec.command:
        raise RuntimeFailure(
            f"{service}: an image needs the docker runtime, which is not part of this version of Fairlead",
            hint="give the service a `command` to run it as a local process",
        )
    return spec.command


def _argv(version: Version, cwd: Path, path: str) -> tuple[str, ...]:
    program, *arguments = command(version.service, version.spec)
    return (_program(program, cwd, path, version.service), *arguments)


def found(program: str, launch: Launch) -> str:
    """Where a program is, looked up as an instance would. Raises `BinaryMissing`."""
    return _program(program, launch.cwd, launch.environment["PATH"], launch.id)


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
