"""The sources of observations that a stack file can name are those that there are."""

from __future__ import annotations

from fairlead.release.sources import SOURCES
from fairlead.stack.check import canaries


def test_every_source_that_a_stack_file_can_name_is_there() -> None:
    """The stack knows no release, so it knows them by name; the router is asked without being named."""
    assert sorted([*canaries.SOURCES, "router"]) == SOURCES.names()
    assert SOURCES.group == canaries.GROUP
    assert canaries.sources() == sorted({*SOURCES.names()} - {"router"})
