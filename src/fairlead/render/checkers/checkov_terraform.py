"""checkov: what security guides ask of Terraform. Exceptions stand in the rendered files, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.checkers.checkov import judged, version


def check(folder: Path) -> Iterator[Finding]:
    """All root modules at once."""
    return judged("terraform", folder, {})


CHECKERS.register("checkov-terraform")(Checker("hardening that was forgotten in Terraform", version, check))
