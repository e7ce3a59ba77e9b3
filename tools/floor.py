"""Writes constraints/floor.txt: the oldest version of each run-time dependency that pyproject.toml allows.

`make check-floor` installs exactly those, so that a floor is a tested promise. `--check` only compares.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "constraints" / "floor.txt"
HEADER = "# Written by tools/floor.py from pyproject.toml; `make check-floor` installs these.\n"


def floors(requirements: list[str]) -> str:
    """One `name==version` a line; a requirement without a floor is an error."""
    lines = []
    for requirement in requirements:
        match = re.fullmatch(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?\s*>=\s*([^,;\s]+).*", requirement)
        if not match:
            raise SystemExit(f"error: pyproject.toml: {requirement!r} has no floor\nhint: write it as name>=version")
        lines.append(f"{match[1]}=={match[2]}\n")
    return HEADER + "".join(lines)


def main(arguments: list[str]) -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = floors(project["dependencies"])
    if "--check" in arguments:
        if TARGET.exists() and TARGET.read_text() == text:
            return 0
        print(
            f"error: {TARGET.relative_to(ROOT)}: differs from pyproject.toml\nhint: python tools/floor.py",
            file=sys.stderr,
        )
        return 1
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
