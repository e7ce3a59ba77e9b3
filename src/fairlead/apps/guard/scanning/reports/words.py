"""Counts in words, for those who read."""

from __future__ import annotations

from fairlead.apps.guard.scanning.found import Found
from fairlead.apps.guard.scanning.scan import Report, Telling
from fairlead.apps.guard.scanning.showing import shown_path


def where(found: Found) -> str:
    """The place, as editors and terminals understand it."""
    commit = f"{found.place.commit[:12]}:" if found.place.commit else ""
    return f"{commit}{shown_path(found.place.path)}:{found.line}:{found.column}"


def sentence(telling: Telling) -> str:
    """What it is, without where."""
    found = telling.found
    through = f", through {' and '.join(found.through)}" if found.through else ""
    often = f", in {telling.times} versions of it" if telling.times > 1 else ""
    return f"{found.kind}: {found.redacted}{through}{often}"


def amount(count: int, one: str, many: str | None = None) -> str:
    """`1 file`, `2,000 files`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def unscanned(report: Report) -> list[str]:
    """What was not looked through, a line each."""
    return [
        f"{each.commit[:12] + ':' if each.commit else ''}{shown_path(each.path)}: {each.reason}"
        for each in report.unscanned
    ]


def summary(report: Report) -> list[str]:
    """What was done, in a few lines."""
    done = f"{amount(report.files, 'file')}, {report.size_bytes / 1e6:,.1f} MB, in {report.seconds:.1f} s"
    lines = [f"looked through {done}: {amount(len(report.findings), 'secret')}"]
    aside = [f"{count:,} {what}" for what, count in sorted(report.skipped.items())]
    if aside:
        lines.append(f"holds no text, or leads elsewhere: {', '.join(aside)}")
    passed = [f"{report.known:,} in the baseline"] * bool(report.known)
    passed += [f"{report.allowed:,} allowed"] * bool(report.allowed)
    if passed:
        lines.append(f"not told: {', '.join(passed)}")
    return lines
