"""zizmor: what may go wrong with workflows, as its strictest persona sees it. What we do otherwise is named here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.tools import program, run

HOW = "pip install zizmor"

EXCEPTIONS: Mapping[str, str] = {
    "unpinned-images": "stores that tests need hold nothing and end with the job; a digest would keep old faults",
    "self-repository": "`./` is what every version of GitHub knows",
}
"""Audits left out, and why."""


def version() -> str:
    """As it says it."""
    return run([program("zizmor", HOW), "--version"]).out.strip().removeprefix("zizmor ")


def check(folder: Path) -> Iterator[Finding]:
    """Every workflow."""
    if not any(folder.glob(".github/workflows/*.yml")):
        yield Finding(".github/workflows", "holds no workflow")
        return
    command = [
        program("zizmor", HOW),
        "--offline",
        "--persona=auditor",
        "--format=json",
        "--no-progress",
        "--no-exit-codes",
    ]
    told = run([*command, str(folder)])
    try:
        found = json.loads(told.out)
    except ValueError:
        yield Finding(".", f"zizmor ended with {told.code}: {told.err.strip()[-300:]}")
        return
    for one in found:
        if one["ident"] not in EXCEPTIONS:
            place = one["locations"][0]
            file = Path(next(iter(place["symbolic"]["key"]["Local"].values()))).name
            line = place["concrete"]["location"]["start_point"]["row"] + 1
            yield Finding(
                f".github/workflows/{file}", f"{one['ident']}: {one['desc']} ({place['symbolic']['annotation']})", line
            )


CHECKERS.register("zizmor")(Checker("What may go wrong with workflows", version, check))
