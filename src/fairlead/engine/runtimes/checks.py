"""What every runtime refuses, in the same words."""

from __future__ import annotations

import re
import signal

from fairlead.errors import RuntimeFailure

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")


def valid_id(instance: str) -> str:
    """An id that may name a folder. Raises `RuntimeFailure`."""
    if not _ID.fullmatch(instance):
        raise RuntimeFailure(f"not an instance id: {instance!r}", hint="letters, digits, dots, dashes and underscores")
    return instance


def signal_number(name: str) -> int:
    """The number of a signal by its name. Raises `RuntimeFailure`."""
    try:
        return signal.Signals[name].value
    except KeyError:
        raise RuntimeFailure(f"no such signal: {name}", hint="a name as in `kill -l`, such as SIGTERM") from None
