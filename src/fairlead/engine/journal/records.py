"""What the journal remembers of the running stack, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service


@dataclass(frozen=True, slots=True)
class Applied:
    """The stack that was last brought up."""

    file: Path
    environment: str | None
    stack: Stack


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a service: what it runs, and from which copy of its directory (`None`: the directory itself).

    One that runs in containers has an `image`, pinned: a name with a digest, or the id of one that is only here.
    """

    service: str
    name: str
    digest: str
    spec: Service
    tree: Path | None
    created: float
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance that is wanted, or (`leaving`) that is to be drained and stopped."""

    id: str
    service: str
    version: str
    leaving: bool = False
    ports: Mapping[str, int] = field(default_factory=dict)
    created: float = 0.0


@dataclass(frozen=True, slots=True)
class Warm:
    """A version kept running without traffic for `seconds` since `began` (seconds since the epoch)."""

    service: str
    version: str
    began: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A version that gets copies of a part (`sample`, in percent) of its service's requests."""

    service: str
    version: str
    sample: float


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for the audit trail."""

    id: int
    at: float
    level: str
    subject: str
    text: str
