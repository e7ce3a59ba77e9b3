"""Scripts that put the units on a machine and take them away, and how long their logs are kept."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from fairlead.render.parts.dumping import ini_text
from fairlead.render.target import File
from fairlead.render.targets.systemd.asking import seconds
from fairlead.render.targets.systemd.naming import Names
from fairlead.render.targets.systemd.units import size

JOURNAL = 64 * 2**20
"""Of what belongs to no service: backups and questions."""


def journals(names: Names, services: list[str]) -> Iterator[File]:
    """Each service has a journal of its own, so that one that talks much takes no room from others."""
    keep_s = seconds(names.stack.watching.logs_keep)
    for service in services:
        logs = names.stack.services[service].logs
        lines = [
            ("Storage", "persistent"),
            ("SystemMaxFileSize", size(logs.max_size)),
            ("SystemMaxFiles", f"{max(1, logs.keep + 1)}"),
            ("SystemMaxUse", size(logs.max_size * (logs.keep + 1))),
            ("MaxRetentionSec", keep_s),
        ]
        yield File(f"journald/journald@{names.log(service)}.conf", ini_text({"Journal": lines}))
    lines = [("Storage", "persistent"), ("SystemMaxUse", size(JOURNAL)), ("MaxRetentionSec", keep_s)]
    yield File(f"journald/journald@{names.stack.name}.conf", ini_text({"Journal": lines}))


def facts(names: Names, started: list[str], ignored: list[str]) -> str:
    """What `install` and `uninstall` know of the stack."""
    lines = [
        "# shellcheck shell=bash",
        "# shellcheck disable=SC2034  # install and uninstall read it",
        f"STACK={shlex.quote(names.stack.name)}",
        f"STARTED=({' '.join(shlex.quote(one) for one in started)})",
        f"IGNORED=({' '.join(shlex.quote(one) for one in ignored)})",
    ]
    return "\n".join(lines) + "\n"
