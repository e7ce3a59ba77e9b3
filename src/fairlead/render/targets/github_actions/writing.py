"""Workflows as text: data, and behind what needs it a comment, which data can't hold."""

from __future__ import annotations

import re
from typing import Any

from fairlead.render.parts.dumping import yaml_text
from fairlead.render.targets.github_actions.pins import PINS

Workflow = dict[str, Any]

WHY = {
    "actions: read": "tells the run to code scanning",
    "attestations: write": "says where the files come from",
    "contents: read": "reads the repository",
    "contents: write": "makes the release",
    "id-token: write": "signs without a key, and logs in without a password",
    "packages: read": "fetches images",
    "packages: write": "pushes images",
    "pull-requests: read": "compares dependencies",
    "security-events: write": "uploads findings",
}
"""Permission -> what it is for."""

VERSIONS = {pin.commit: pin.version for pin in PINS.values()}


def text(workflow: Workflow) -> str:
    """With the version behind each commit, and its purpose behind each permission; steps are Bash on every system."""
    before = {key: value for key, value in workflow.items() if key != "jobs"}
    whole = {**before, "defaults": {"run": {"shell": "bash"}}, "jobs": workflow["jobs"]}
    return "\n".join(_commented(line) for line in yaml_text(whole).split("\n"))


def _commented(line: str) -> str:
    found = re.search(r"uses: \S+@([0-9a-f]{40})$", line)
    if found:
        return f"{line} # {VERSIONS[found.group(1)]}"
    why = WHY.get(line.strip())
    return f"{line} # {why}" if why else line
