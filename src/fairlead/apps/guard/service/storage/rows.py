"""What stands in the tables, as the service speaks of it. Times are seconds since 1970, 0 where there is none."""

from __future__ import annotations

from dataclasses import dataclass, field

from fairlead.apps.guard.service.judging.scorers import Recipe


@dataclass(frozen=True, slots=True)
class Sighting:
    """That a value was judged: by its digest."""

    digest: str
    version: str
    trial: str
    rule: str
    risk: str
    flagged: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class MadeVersion:
    """A version that was made here."""

    number: int
    status: str
    source: str
    parent: str = ""
    note: str = ""
    recipe: Recipe = field(default_factory=Recipe)
    metrics: dict[str, float] = field(default_factory=dict)
    why: str = ""
    created: float = 0.0

    @property
    def name(self) -> str:
        """`v7`."""
        return f"v{self.number}"


@dataclass(frozen=True, slots=True)
class MadeTrial:
    """A trial."""

    number: int
    control: str
    candidate: str
    share: float
    started: float
    ends: float
    disabled: float = 0.0

    @property
    def name(self) -> str:
        """`t7`."""
        return f"t{self.number}"

    def runs(self, now: float) -> bool:
        """Whether it assigns values."""
        return not self.disabled and now < self.ends


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key of a client, hashed."""

    name: str
    sha256: str
    role: str
    rate: str
    created: float
    revoked: float = 0.0
