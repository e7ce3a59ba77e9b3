"""What there is to print on."""

from __future__ import annotations

import os
import shutil
import sys


def width() -> int | None:
    """Columns of the terminal, or of COLUMNS; `None` in a pipe, where nothing has to fit."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None


def width_of_errors() -> int | None:
    """Columns of the terminal that standard error goes to, or of COLUMNS."""
    if os.environ.get("COLUMNS") or not sys.stderr.isatty():
        return width()
    return os.get_terminal_size(sys.stderr.fileno()).columns


def moves() -> bool:
    """Whether a line on standard error can be written over."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
