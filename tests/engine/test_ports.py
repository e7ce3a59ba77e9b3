"""Leased ports."""

from __future__ import annotations

import socket

import pytest

from fairlead.engine import ports
from fairlead.errors import RuntimeFailure


def test_a_leased_port_is_free_and_not_taken() -> None:
    """Neither by us nor by anybody else."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        held = other.getsockname()[1]
        assert not ports.free(held)
        first = ports.lease(set())
        second = ports.lease({first}, start=first)
        assert first != second
        assert ports.free(second)


def test_the_range_ends_in_an_error_and_not_in_a_loop() -> None:
    """Every port taken."""
    with pytest.raises(RuntimeFailure, match="no port between"):
        ports.lease(range(ports.FIRST, ports.LAST + 1))


def test_the_search_goes_round() -> None:
    """From the last port on to the first."""
    assert ports.FIRST <= ports.lease({ports.LAST}, start=ports.LAST) < ports.LAST
