"""For a pull request on GitHub: workflow commands
(https://docs.github.com/en/actions/writing-workflows/choosing-what-your-workflow-does/workflow-commands-for-github-actions).
"""

from __future__ import annotations

from fairlead.apps.guard.scanning.reports.words import sentence, summary, unscanned
from fairlead.apps.guard.scanning.scan import Report, Telling
from fairlead.apps.guard.scanning.showing import shown_path

_LEVELS = {"low": "notice", "medium": "warning", "high": "error", "critical": "error"}


def told(report: Report) -> str:
    """An annotation for each secret and for each omission, then what was done."""
    lines = [_secret(telling) for telling in report.findings]
    lines += [f"::warning title=not looked through::{_data(line)}" for line in unscanned(report)]
    return "\n".join([*lines, *(_data(line) for line in summary(report)), ""])


def _secret(telling: Telling) -> str:
    found = telling.found
    where = f"file={_property(shown_path(found.place.path))},line={found.line},endLine={found.end_line}"
    if found.line == found.end_line:
        where += f",col={found.column},endColumn={found.end_column}"
    words = f"{sentence(telling)} ({found.rule}, fingerprint {telling.fingerprint})"
    return f"::{_LEVELS[found.severity]} {where},title={_property(found.kind)}::{_data(words)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
