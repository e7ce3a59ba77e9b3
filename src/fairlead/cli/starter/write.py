"""Writes a small stack file with a word on each key: data first, then comments, then YAML once."""

from __future__ import annotations

import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from fairlead.cli.starter.guess import Guess

FIRST_PORT, LAST_PORT = 8080, 8179
HEADER = (
    "Fairlead runs what is declared here: `fairlead up`. Every key: `fairlead docs KEY`, for example services.scale."
)


def stack_text(folder: str, found: Guess) -> str:
    """The text of a stack file for that program, in a folder of that name."""
    service = _map(command=_flow(found.command), ports=_map(http=8000))
    service.yaml_add_eol_comment(found.comment, "command")
    service["ports"].yaml_add_eol_comment("a local process is given a free one, in the variable PORT", "http")
    if found.volumes:
        service["volumes"] = {name: {} for name in found.volumes}
        service.yaml_set_comment_before_after_key("volumes", before="directories that stay", indent=4)
    service["expose"] = [_map(path="/")]
    service.yaml_set_comment_before_after_key("expose", before="requests for this path come here", indent=4)
    service["release"] = _map(strategy="blue-green", watch="10s")
    service["release"].yaml_add_eol_comment("recreate, rolling or blue-green", "strategy")
    service["release"].yaml_add_eol_comment("how long a new version is watched before the release is done", "watch")
    stack = _map(fairlead=1, name=label(folder), router=_map(http=free_port()), services=_map(app=service))
    stack["router"].yaml_add_eol_comment("the public entrance, on this machine only unless `address` says more", "http")
    stack.yaml_set_start_comment(HEADER)
    return _dumped(stack)


def label(folder: str) -> str:
    """A DNS label from the name of a folder."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-")
    return re.sub(r"^[^a-z]+", "", name)[:40].rstrip("-") or "stack"


def free_port() -> int:
    """8080, or the next port that nobody listens on."""
    from fairlead.engine.ports import free

    return next((port for port in range(FIRST_PORT, LAST_PORT) if free(port)), FIRST_PORT)


def _map(**items: Any) -> CommentedMap:
    return CommentedMap(items)


def _flow(words: list[str]) -> CommentedSeq:
    found = CommentedSeq(words)
    found.fa.set_flow_style()
    return found


def _dumped(stack: CommentedMap) -> str:
    yaml = YAML()
    yaml.width = 200
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(stack, text)
    return text.getvalue()
