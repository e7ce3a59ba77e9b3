"""check-jsonschema: workflows by GitHub's own schema of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.tools import program, run

HOW = "pip install check-jsonschema"


def version() -> str:
    """As it says it."""
    return run([program("check-jsonschema", HOW), "--version"]).out.strip().rpartition(" ")[2]


def check(folder: Path) -> Iterator[Finding]:
    """Every workflow."""
    files = sorted(str(path.relative_to(folder)) for path in folder.glob(".github/workflows/*.yml"))
    if not files:
        yield Finding(".github/workflows", "holds no workflow")
        return
    command = [program("check-jsonschema", HOW), "--builtin-schema=vendor.github-workflows", "--output-format=json"]
    told = run([*command, *files], folder)
    try:
        found = json.loads(told.out)
    except ValueError:
        yield Finding(".", f"check-jsonschema ended with {told.code}: {(told.err or told.out).strip()[-300:]}")
        return
    for one in found.get("errors", []):
        yield Finding(one["filename"], f"{one['path']}: {one['message']}")
    for one in found.get("parse_errors", []):
        yield Finding(one["filename"], one["message"])


CHECKERS.register("check-jsonschema")(Checker("Workflows by GitHub's schema", version, check))
