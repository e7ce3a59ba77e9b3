"""What a unit is denied: everything, but for what its service says that it needs; 1.1 by systemd's own count."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.stack.model.resources import Hardening

Line = tuple[str, str]

ALWAYS: tuple[Line, ...] = (
    ("NoNewPrivileges", "yes"),
    ("ProtectHome", "yes"),
    ("PrivateTmp", "yes"),
    ("PrivateMounts", "yes"),
    ("PrivateIPC", "yes"),
    ("ProtectClock", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectProc", "invisible"),
    ("ProcSubset", "pid"),
    ("LockPersonality", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("RestrictNamespaces", "yes"),
    ("RemoveIPC", "yes"),
    ("KeyringMode", "private"),
    ("SystemCallArchitectures", "native"),
    ("SystemCallFilter", "@system-service"),
    ("SystemCallFilter", "~@privileged @resources"),
    ("SystemCallErrorNumber", "EPERM"),
    ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ("UMask", "0077"),
)

LOCAL = (("IPAddressDeny", "any"), ("IPAddressAllow", "localhost"))
TEMPORARY = "/tmp"  # noqa: S108 - a unit's own


def denied(hardening: Hardening, gpu: int = 0) -> Iterator[Line]:
    """Of a service."""
    yield from ALWAYS
    yield "ProtectSystem", "strict" if hardening.read_only_root else "full"
    yield from _capabilities(hardening)
    yield from _devices(gpu)
    if not hardening.jit:
        yield "MemoryDenyWriteExecute", "yes"
    if not hardening.internet:
        yield from LOCAL
    if TEMPORARY not in hardening.writable:
        yield "ReadOnlyPaths", TEMPORARY
    for path in hardening.writable:
        if path != TEMPORARY:
            yield "TemporaryFileSystem", f"{path}:rw,mode=0777"


def _capabilities(hardening: Hardening) -> Iterator[Line]:
    kept = " ".join(sorted(f"CAP_{name.removeprefix('CAP_')}" for name in hardening.capabilities))
    yield "CapabilityBoundingSet", kept
    yield "AmbientCapabilities", kept
    if not kept:  # capabilities of a user namespace are worth nothing outside of it
        yield "PrivateUsers", "yes"


def _devices(gpu: int) -> Iterator[Line]:
    yield "DevicePolicy", "closed"
    if not gpu:
        yield "PrivateDevices", "yes"
        return
    for name in ("char-nvidia-frontend", "char-nvidia-uvm", "char-nvidia-caps", "char-drm", "char-kfd"):
        yield "DeviceAllow", f"{name} rw"
