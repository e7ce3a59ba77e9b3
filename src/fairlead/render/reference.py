"""The page of the render targets: what each writes and which tools judge it, in their own words."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from fairlead.render.checker import CHECKERS
from fairlead.render.checkers.checkov import KUBERNETES
from fairlead.render.rendering import rendered
from fairlead.render.target import TARGETS, Scene

INTRO = """\
`fairlead render TARGET` writes these. What a target has no words for it names when it is run; no key of the stack file
is dropped in silence. [How to render](../how-to/render.md)."""


def page(scene: Scene) -> str:
    """As Markdown, with what each target writes of a stack."""
    lines = [
        "# Render targets",
        "",
        INTRO,
        "",
    ]
    for name in TARGETS.names():
        target = TARGETS.get(name)
        module = inspect.getmodule(target.render)
        lines += [f"## {name}", "", f"{target.summary}.", "", inspect.cleandoc((module and module.__doc__) or ""), ""]
        lines += [*_judges(target.checkers), f"Of the {scene.stack.name}: {_files(name, scene)}.", ""]
    return "\n".join([*lines, *_exceptions()])


def _judges(names: tuple[str, ...]) -> Iterator[str]:
    if names:
        yield f"Judged by {', '.join(f'{name} ({_lower(CHECKERS.get(name).summary)})' for name in names)}."
        yield ""


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _files(name: str, scene: Scene) -> str:
    files = [file.path for file in rendered(name, scene).files]
    shown = ", ".join(f"`{file}`" for file in files[:8])
    return shown + (f" and {len(files) - 8} more" if len(files) > 8 else "") if files else "nothing"


def _exceptions() -> Iterator[str]:
    yield "## What checkov asks that is done otherwise"
    yield ""
    yield from (f"- {check}: {why}" for check, why in KUBERNETES.items())
