"""Tests that Terraform itself runs, in the words that every cloud shares."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.render.parts.hcl import Block, Inner, Raw


def run(name: str, asserts: Sequence[Inner]) -> Block:
    """A plan, and what must hold in it."""
    return Block("run", (name,), {"command": Raw("plan"), "assert": list(asserts)})


def asserted(condition: str, otherwise: str) -> Inner:
    """An expression that must be true, and what is said where it is not."""
    return Inner({"condition": Raw(condition), "error_message": otherwise})
