"""A target's output, whole: its files in order and what it left out. The same for the command line and the tests."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.render.target import TARGETS, File, Scene, Unsupported


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a target gives; each file once, in the order of their paths."""

    target: str
    files: tuple[File, ...]
    unsupported: tuple[Unsupported, ...]


def rendered(target: str, scene: Scene) -> Rendered:
    """Render. Raises `UsageError` for an unknown target, `FairleadError` where the stack can't be rendered."""
    files: dict[str, File] = {}
    unsupported: dict[Unsupported, None] = {}
    for one in TARGETS.get(target).render(scene):
        if isinstance(one, Unsupported):
            unsupported[one] = None
        elif files.setdefault(one.path, one) != one:
            raise ValueError(f"{target} renders {one.path} twice, differently")
    return Rendered(target, tuple(files[path] for path in sorted(files)), tuple(unsupported))
