"""What the engine is asked for to run a launch, as data. Pure.

Everything that is not needed is denied: capabilities, new privileges, a root file system that can be written. The
engine never restarts a container by itself, since the keeper does, and never asks an image's own health check.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fairlead.engine.runtime import ROUTER, Container, Launch, Limits, LogPolicy, Mount
from fairlead.engine.runtimes.checks import signal_number

JSON = dict[str, Any]

WRITABLE = "/tmp"  # noqa: S108 - inside a container, where it is the instance's own
"""Kept in memory when the root can't be written: there is hardly a program that does without."""

LOOPBACK = "127.0.0.1"


def container(launch: Launch, *, labels: Mapping[str, str], network: str, router: str) -> JSON:
    """The body of the call that creates it. `router` is the address at which it reaches the router."""
    inside = _container(launch)
    made: JSON = {
        "Image": inside.image,
        "Env": [f"{name}={value}" for name, value in launch.environment.items()],
        "Labels": dict(labels),
        "StopSignal": str(signal_number(launch.stop.signal)),
        "StopTimeout": math.ceil(launch.stop.grace_s),
        "Healthcheck": {"Test": ["NONE"]},
        "ExposedPorts": {f"{port}/tcp": {} for port in inside.publish},
        "HostConfig": _host(launch, network, router),
        **_program(launch, inside),
    }
    if inside.user:
        made["User"] = inside.user
    if launch.cwd.is_absolute():
        made["WorkingDir"] = str(launch.cwd)
    if inside.alias and not inside.host_network:
        made["NetworkingConfig"] = {"EndpointsConfig": {network: {"Aliases": [inside.alias]}}}
    return made


def network_kind(launch: Launch) -> str:
    """Which network of the stack it is on: "open", "closed", or "host" for that of this machine."""
    inside = _container(launch)
    return "host" if inside.host_network else "open" if inside.internet else "closed"


def _container(launch: Launch) -> Container:
    assert launch.container is not None  # noqa: S101 - the composite sends nothing else here
    return launch.container


def _program(launch: Launch, inside: Container) -> JSON:
    if not launch.argv:
        return {}
    if inside.own_entrypoint:
        return {"Entrypoint": [launch.argv[0]], "Cmd": list(launch.argv[1:])}
    return {"Cmd": list(launch.argv)}


def _host(launch: Launch, network: str, router: str) -> JSON:
    inside = _container(launch)
    known = {ROUTER: router, **inside.hosts}
    return {
        "NetworkMode": network,
        "ReadonlyRootfs": inside.read_only_root,
        "CapDrop": ["ALL"],
        "CapAdd": list(inside.capabilities),
        "SecurityOpt": ["no-new-privileges"],
        "Init": True,
        "IpcMode": "private",
        "RestartPolicy": {"Name": "no"},
        "Mounts": _mounts(inside),
        "ExtraHosts": [f"{name}:{address}" for name, address in known.items()],
        "LogConfig": _log(launch.log),
        "PortBindings": {
            f"{port}/tcp": [{"HostIp": LOOPBACK, "HostPort": str(own)}] for port, own in inside.publish.items()
        },
        **_limits(launch.limits),
    }


def _limits(limits: Limits) -> JSON:
    """Swap is denied: an instance over its memory is to be ended, not to slow everything down."""
    found: JSON = {}
    if limits.memory_bytes is not None:
        found |= {"Memory": limits.memory_bytes, "MemorySwap": limits.memory_bytes}
    if limits.cpu_cores is not None:
        found["NanoCpus"] = round(limits.cpu_cores * 1e9)
    if limits.processes is not None:
        found["PidsLimit"] = limits.processes + 1  # the init process is the engine's
    if limits.open_files is not None:
        found["Ulimits"] = [{"Name": "nofile", "Soft": limits.open_files, "Hard": limits.open_files}]
    return found


def _log(policy: LogPolicy) -> JSON:
    sizes = {"max-size": str(policy.max_bytes), "max-file": str(policy.keep + 1)}
    return {"Type": "json-file", "Config": sizes}


def _mounts(inside: Container) -> list[JSON]:
    found = [_mount(mount) for mount in inside.mounts]
    if inside.read_only_root and WRITABLE not in (mount.target for mount in inside.mounts):
        found.append(_mount(Mount("tmpfs", WRITABLE)))
    return found


def _mount(mount: Mount) -> JSON:
    made: JSON = {"Type": mount.kind, "Target": mount.target}
    if mount.kind == "tmpfs":
        return made | {"TmpfsOptions": {"Mode": 0o1777}}
    return made | {"Source": mount.source, "ReadOnly": mount.read_only}
