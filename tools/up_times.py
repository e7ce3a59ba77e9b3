"""Splits the time of `make up` into install, start and ready. Reads `fairlead status --json`; knows nothing else of it.

Start ends when the last instance's process has been started; ready, when `fairlead up` has come back.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any


def start_times(status: dict[str, Any]) -> Iterator[float]:
    """When each instance was started, in seconds since the epoch."""
    for service in status["services"]:
        for version in service["versions"]:
            for instance in version["instances"]:
                if instance["since"] is not None:
                    yield float(instance["since"])


def split(status: dict[str, Any], began: float, installed: float, ready: float) -> str:
    """One line for people; instances that ran before count as started at once."""
    last = max((at for at in start_times(status) if installed <= at <= ready), default=ready)
    parts = {"install": installed - began, "start": last - installed, "ready": ready - last}
    spent = " · ".join(f"{name} {seconds:.2f} s" for name, seconds in parts.items())
    return f"\n{spent} · {ready - began:.2f} s in all"


if __name__ == "__main__":
    print(split(json.load(sys.stdin), *(float(moment) for moment in sys.argv[1:4])))
