"""What is added to a Dockerfile that somebody wrote: the command of the stack file, which replaces the image's own.

So an image that was built holds all that is run, whatever becomes of the stack file later. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

STAGE = "fairlead-command"

_FROM = re.compile(
    r"^\s*FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE | re.MULTILINE
)


def finished(text: str, target: str | None, command: Sequence[str] | None) -> tuple[str, str | None]:
    """The Dockerfile with the command in it, and the stage to build."""
    if not command:
        return text, target
    said = f"CMD {json.dumps(list(command), ensure_ascii=False)}\n"
    if target is None:
        return f"{text.rstrip()}\n{said}", None
    return f"{text.rstrip()}\n\nFROM {target} AS {STAGE}\n{said}", STAGE


def bases(text: str) -> list[str]:
    """The images that a Dockerfile begins with, in order; not its own stages, and none named by an argument."""
    stages: set[str] = {"scratch"}
    found = []
    for match in _FROM.finditer(text):
        image = match["image"]
        if image.lower() not in stages and "$" not in image:
            found.append(image)
        if match["name"]:
            stages.add(match["name"].lower())
    return list(dict.fromkeys(found))
