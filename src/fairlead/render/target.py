"""What a render target is, and what it gives: files, and the keys of the stack that it has no words for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from fairlead.dockerfile import Listing
from fairlead.kit.registry import Registry
from fairlead.stack.model import Stack

EXECUTABLE = 0o755


@dataclass(frozen=True, slots=True)
class File:
    """One file of the output: its path inside the output folder, with `/`, and its text."""

    path: str
    text: str
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A key of the stack that a target can't express, and why. `*` stands for one name: `services.*.traffic.sticky`.

    A pattern covers everything beneath it.
    """

    pattern: str
    why: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What a target sees; nothing else may change its output.

    `stack` is the stack as `environment` sees it (the plain one without an environment), `environments` the stack as
    each declared environment sees it, in the order of the file. `listings` are the files of services' directories,
    `images` names of base images that replace the usual ones. `version` is the tag of images built from this stack.
    """

    stack: Stack
    environment: str | None = None
    environments: Mapping[str, Stack] = field(default_factory=dict)
    listings: Mapping[str, Listing] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    version: str = "1.0.0"

    def environments_as_scenes(self) -> dict[str, Scene]:
        """The scene of every declared environment, by its name."""
        return {name: replace(self, stack=stack, environment=name) for name, stack in self.environments.items()}

    def listing(self, service: str) -> Listing:
        """The files beside a service; none where there is no directory."""
        return self.listings.get(service, Listing(frozenset()))


Render = Callable[[Scene], Iterable[File | Unsupported]]
"""Pure: the same scene gives the same bytes. Raises `FairleadError` where the stack can't be rendered at all."""


@dataclass(frozen=True, slots=True)
class Target:
    """A render target.

    `checkers` are the names of the tools that judge its output, the strictest first.
    """

    summary: str
    """One line for `fairlead render --list`."""
    render: Render
    checkers: tuple[str, ...] = ()


TARGETS: Registry[Target] = Registry(
    kind="render target", package="fairlead.render.targets", group="fairlead.render_targets"
)
