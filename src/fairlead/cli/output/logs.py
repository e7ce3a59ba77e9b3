"""Lines of output of many services, each with whose it is in front."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from fairlead.cli.output.services import colour_of


class LogLines:
    """Puts `notes v2.1 |` before each line; the bar moves right when a longer name comes, and stays there."""

    def __init__(self, *, times: bool = False) -> None:
        self._width = 0
        self._times = times

    def line(self, record: Mapping[str, Any]) -> str:
        """One line, in the colour of its service; what the service wrote is passed on as it is."""
        whose = prefix(record)
        self._width = max(self._width, len(whose))
        at = time.strftime("%H:%M:%S ", time.localtime(record["at"])) if self._times else ""
        return click.style(f"{at}{whose:<{self._width}} |", fg=colour_of(record["service"])) + f" {record['text']}"


def prefix(record: Mapping[str, Any]) -> str:
    """Service, version and which instance of it: `notes v2.1`."""
    number = str(record.get("instance") or "").rpartition("-")[2].rpartition(".")[2]
    version = str(record.get("version") or "")
    which = f"{version}.{number}" if number.isdigit() else version
    return " ".join(filter(None, (record["service"], which)))
