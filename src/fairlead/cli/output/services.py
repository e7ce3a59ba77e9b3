"""A colour for each service, the same in every command and every run."""

from __future__ import annotations

import zlib

PALETTE = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_green", "bright_magenta")


def colour_of(service: str) -> str:
    """The same name always gets the same colour."""
    return PALETTE[zlib.crc32(service.encode()) % len(PALETTE)]
