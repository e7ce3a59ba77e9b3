"""The labels by which an engine finds its containers and networks again, and the names that people see."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fairlead.engine.runtime import Launch

STACK = "fairlead.stack"
STATE = "fairlead.state"
INSTANCE = "fairlead.instance"
ALIAS = "fairlead.alias"
ONCE = "fairlead.once"
"""On a container that runs one command and is then removed."""

NETWORK = "fairlead.network"

KEPT = ("service", "version")
"""Labels of a launch that its container carries too, below `fairlead.`."""


def state_label(state: Path) -> str:
    """Short for a state folder: two stacks of the same name in two folders share nothing."""
    return hashlib.sha256(str(state.absolute()).encode()).hexdigest()[:10]


def of(launch: Launch, tag: str) -> dict[str, str]:
    """The labels of the container of a launch; never a value of its environment."""
    found = {f"fairlead.{name}": launch.labels[name] for name in KEPT if name in launch.labels}
    found |= {STATE: tag, INSTANCE: launch.id}
    if launch.labels.get("stack"):
        found[STACK] = launch.labels["stack"]
    if launch.container and launch.container.alias:
        found[ALIAS] = launch.container.alias
    return found


def name(stack: str | None, tag: str, *rest: str) -> str:
    """The name of a container or a network."""
    return "-".join(["fairlead", *([stack] if stack else []), tag, *rest])


def having(tag: str, **more: str) -> dict[str, list[str]]:
    """The engine's filter for what belongs to a state folder."""
    return {"label": [f"{STATE}={tag}", *(f"{label}={value}" if value else label for label, value in more.items())]}
