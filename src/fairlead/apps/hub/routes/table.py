"""What the configuration says, ready to be asked: who answers for a model, for this request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fairlead.apps.hub import config
from fairlead.apps.hub.calls import Operation, Usage
from fairlead.apps.hub.routes.targets import Host, Target, Way

MOST_DIRECT = 1000
"""Models asked as `provider/model` whose routes are remembered: clients choose the names."""


@dataclass(slots=True, eq=False)
class Route:
    """A model as clients name it, and who answers."""

    model: str
    targets: tuple[Target, ...]
    fallbacks: tuple[Target, ...] = ()
    balance: Literal["weighted", "latency", "cost"] = "weighted"
    retries: int = 2
    timeouts: config.Timeouts | None = None
    hedge_s: float | None = None
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    cache: config.CachePolicy | None = None
    guard: config.GuardPolicy = field(default_factory=config.GuardPolicy)
    shadow: config.ShadowPolicy | None = None
    label: str = ""
    """Its name in the file: that of the model, and what tells it from others of the same model (`gpt-4o#premium`)."""

    sole: Way | None = None
    """The only way there is, where there is no choice."""

    always: bool = True
    """Whether it takes any request."""

    unpriced: tuple[str, ...] = ()
    """Who may answer, and has no known price."""

    def __post_init__(self) -> None:
        self.unpriced = tuple(one.name for one in (*self.targets, *self.fallbacks) if one.unpriced)
        self.always = not self.headers and not self.tags
        if len(self.targets) == 1 and len(self.targets[0].host.lanes) == 1:
            self.sole = self.targets[0], self.targets[0].host.lanes[0]

    def most(self, asked: int, output: int) -> int:
        """What an answer may cost at most, whoever gives it, in nano-dollars."""
        if self.sole is not None and not self.fallbacks:
            return self.sole[0].price.most(asked, output)
        return max((one.price.most(asked, output) for one in (*self.targets, *self.fallbacks)), default=0)

    def cost(self, usage: Usage, operation: Operation) -> int:
        """What such an answer costs at most, whoever gives it, in nano-dollars."""
        return max((one.price.cost(usage, operation) for one in (*self.targets, *self.fallbacks)), default=0)

    def takes(self, headers: Mapping[bytes, bytes], tags: Collection[str]) -> bool:
        """Whether it is for such a request."""
        if self.tags and self.tags.isdisjoint(tags):
            return False
        return all(headers.get(name) == value for name, value in self.headers.items())


@dataclass(slots=True, eq=False)
class Table:
    """One configuration, compiled. Requests under way keep the one that they began with."""

    config: config.Config
    hosts: Mapping[str, Host]
    routes: Mapping[str, Sequence[Route]]
    """By the model's name; of several, the first that takes a request."""
    direct: Callable[[str], Route | None]
    """Makes a route for `provider/model`."""
    _direct: dict[str, Route] = field(default_factory=dict)

    def find(self, model: str, headers: Mapping[bytes, bytes], tags: Collection[str]) -> Route | None:
        """Who answers for a model; `None`: nobody."""
        for route in self.routes.get(model, ()):
            if route.always or route.takes(headers, tags):
                return route
        return self._of_provider(model)

    def names(self) -> list[str]:
        """The models that can be asked by name."""
        return sorted(self.routes)

    def _of_provider(self, model: str) -> Route | None:
        found = self._direct.get(model)
        if found is None and (found := self.direct(model)) is not None:
            if len(self._direct) >= MOST_DIRECT:
                self._direct.pop(next(iter(self._direct)))
            self._direct[model] = found
        return found
