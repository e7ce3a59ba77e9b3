"""What makes a version of a service: the parts of its spec that a running instance was started with, and its files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from fairlead import __version__
from fairlead.engine import snapshot
from fairlead.engine.images import context
from fairlead.engine.journal.records import Version
from fairlead.errors import RuntimeFailure
from fairlead.stack.containers import contained
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

VERSIONED = frozenset(
    {
        "uses", "settings", "command", "image", "build", "directory", "snapshot", "ignore", "environment", "secrets",
        "ports", "probes", "resources", "needs", "volumes", "restart", "stop", "logs", "hardening", "schedule",
    }
)  # fmt: skip
"""Fields whose change is a new version. The others (exposure, traffic, scale, policy, …) take effect at once."""


def takes_copy(spec: Service) -> bool:
    """Whether each version of this service gets its own copy of its directory, where it runs as a process."""
    return spec.snapshot if spec.snapshot is not None else spec.directory != "."


def digest(spec: Service, base: Path, stack: Stack | None = None, *, service: str = "") -> str:
    """Equal for two specs that would run the same thing; `base` is the folder of the stack file.

    In containers (which `stack` tells) an image is the copy: what it is built from counts in place of the directory.
    """
    versioned = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True, include=set(VERSIONED))
    total = hashlib.sha256(json.dumps(versioned, sort_keys=True).encode())
    if spec.uses:
        total.update(f"fairlead {__version__}".encode())
    if stack is not None and contained(spec, stack):
        if not spec.image:
            total.update(f"image of {context.of(service, spec, stack, base).digest()}".encode())
    elif takes_copy(spec):
        total.update(snapshot.digest(_directory(spec, base), spec.ignore).encode())
    return total.hexdigest()


def make(
    service: str, name: str, spec: Service, base: Path, state: Path, *, at: float, stack: Stack | None = None
) -> Version:
    """A version with its own copy of the files, if it takes one. Making the same one again is harmless.

    One that runs in containers has no image yet. Raises `ReleaseError` for a directory that is too large and
    `StateError` when the copy can't be written.
    """
    whole = digest(spec, base, stack, service=service)
    tree = None
    if takes_copy(spec) and not (stack is not None and contained(spec, stack)):
        tree = state / "versions" / service / f"{name}-{whole[:12]}"
        snapshot.copy(_directory(spec, base), tree, spec.ignore)
    return Version(service, name, whole, spec, tree, at)


def _directory(spec: Service, base: Path) -> Path:
    directory = base / spec.directory
    if not directory.is_dir():
        raise RuntimeFailure(f"{directory}: no such directory", hint="correct `directory` in the stack file")
    return directory
