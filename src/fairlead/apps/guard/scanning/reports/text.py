"""For people."""

from __future__ import annotations

from fairlead.apps.guard.scanning.reports.words import sentence, summary, unscanned, where
from fairlead.apps.guard.scanning.scan import Report, Telling


def told(report: Report) -> str:
    """A block for each secret, then what could not be looked through, then what was done."""
    lines = [line for telling in report.findings for line in _secret(telling)]
    lines += [f"not looked through: {line}" for line in unscanned(report)]
    return "\n".join([*lines, *summary(report), ""])


def _secret(telling: Telling) -> list[str]:
    found = telling.found
    lines = [f"{where(found)}: {sentence(telling)}"]
    why = f"{found.rule}, {found.severity}, {found.confidence:.0%} sure: {', '.join(found.reasons)}"
    lines += [f"    {why}", f"    fingerprint {telling.fingerprint}"]
    lines += [f"    {telling.expired}"] * bool(telling.expired)
    return lines
