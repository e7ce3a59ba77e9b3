"""Kustomize itself, as kubectl has it: every base and overlay can be built."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.tools import KUBECTL, built, program, run


def version() -> str:
    """Of the client."""
    told = run([program("kubectl", KUBECTL), "version", "--client", "--output=json"])
    return str(json.loads(told.out)["clientVersion"]["gitVersion"])


def check(folder: Path) -> Iterator[Finding]:
    """An overlay that can't be built, or that says nothing."""
    every = list(built(folder))
    for where, ran in every:
        if ran.code != 0 or not ran.out.strip():
            yield Finding(f"{where}/kustomization.yaml", ran.err.strip() or "builds nothing")
        elif ran.err.strip():
            yield Finding(f"{where}/kustomization.yaml", f"is built with a warning: {ran.err.strip()}")
    if not every:
        yield Finding(".", "holds no kustomization.yaml")


CHECKERS.register("kubectl-kustomize")(Checker("Builds every overlay", version, check))
