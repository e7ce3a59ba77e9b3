"""Looks through one content: its text, window by window, and the texts that are encoded in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fairlead.apps.guard.findings import Finding
from fairlead.apps.guard.library import Library
from fairlead.apps.guard.scanning.encoded import Run, runs
from fairlead.apps.guard.scanning.found import Found, Harvest, Place
from fairlead.apps.guard.scanning.inline import allowance
from fairlead.apps.guard.scanning.limits import Budget
from fairlead.apps.guard.scanning.readers import Peeked, as_utf8, encoding_of, whole_utf8
from fairlead.apps.guard.scanning.showing import redacted
from fairlead.apps.guard.scanning.windows import Window, windows

NAMED = "utf-8", "surrogateescape"
BINARY = "binary files"


class Looker:
    """One library, for one content after the other."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def look(self, content: Peeked, place: Place, budget: Budget, harvest: Harvest) -> None:
        """What a content holds. Raises `Unlooked` when a bound is reached; what was found until then stays."""
        encoding = encoding_of(content.head)
        if encoding is None:
            harvest.skipped[BINARY] += 1
            return
        harvest.files += 1
        taken = 0
        for window in windows(as_utf8(content.read, encoding)):
            harvest.size_bytes += min(window.end, len(window.data)) - window.begin
            findings = self._library.scan_bytes(window.data, place.path)
            taken = self._window(window, findings, runs(window.data), taken, place, budget, harvest)
            budget.read(min(window.end, len(window.data)) - window.begin)

    def whole(self, data: bytes, path: str, budget: Budget, harvest: Harvest) -> None:
        """The same for a text in UTF-8 that is there as a whole and no longer than a window: most files."""
        data = whole_utf8(data)
        harvest.files += 1
        harvest.size_bytes += len(data)
        findings, encoded = self._library.scan_bytes(data, path), runs(data)
        if findings or encoded:
            window = Window(data, 0, len(data) + 1, 0, 1, 0)
            self._window(window, findings, encoded, 0, Place(path), budget, harvest)
        budget.read(len(data))

    def _window(
        self,
        window: Window,
        findings: Sequence[Finding],
        encoded: Iterable[Run],
        taken: int,
        place: Place,
        budget: Budget,
        harvest: Harvest,
    ) -> int:
        """Gives back where in the whole content the last secret ended: none begins before that."""
        plain = []
        for finding in findings:
            if window.begin <= finding.start < window.end and finding.start + window.offset >= taken:
                taken = finding.end + window.offset
                plain.append(finding)
                budget.finding()
                harvest.found.append(self._told(finding, finding.start, finding.end, window, window.data, place))
        for run in encoded:
            if window.begin <= run.start < window.end or run.start < window.begin < run.end:
                self._encoded(run, plain, window, place, budget, harvest)
        return taken

    def _encoded(
        self, run: Run, plain: Sequence[Finding], window: Window, place: Place, budget: Budget, harvest: Harvest
    ) -> None:
        """What a run says that its text does not."""
        known = {finding.rule for finding in plain if finding.start < run.end and run.start < finding.end}
        if known and run.encoding != "url":
            return
        for finding, content, through in self._within(run, budget.limits.decode_depth):
            if finding.rule not in known:
                budget.finding()
                harvest.found.append(self._told(finding, run.start, run.end, window, content, place, through))

    def _within(self, run: Run, depth: int) -> Iterator[tuple[Finding, bytes, tuple[str, ...]]]:
        data = run.content if run.encoding != "url" else run.content[: 1 << 16]
        found = self._library.scan_bytes(data)
        yield from ((finding, data, (run.encoding,)) for finding in found)
        if depth > 1 and not found:
            for inner in runs(data):
                if inner.content != data:
                    for finding, content, through in self._within(inner, depth - 1):
                        yield finding, content, (run.encoding, *through)

    def _told(
        self,
        finding: Finding,
        start: int,
        end: int,
        window: Window,
        data: bytes,
        place: Place,
        through: tuple[str, ...] = (),
    ) -> Found:
        value = data[finding.start : finding.end].decode(*NAMED)
        inline = allowance(window.line_of(start))
        generic = finding.rule.startswith("generic.") or "password" in finding.rule
        return Found(
            place,
            *window.position(start),
            *window.position(end),
            finding.rule,
            finding.kind,
            finding.severity,
            finding.confidence,
            finding.reasons,
            redacted(value, generic=generic),
            finding.digest,
            through,
            inline,
        )
