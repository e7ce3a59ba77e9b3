"""A page of metrics as an instance serves it, in Prometheus' text format or OpenMetrics, read as far as needed.

The parser is Prometheus' own. It takes some 20 µs a line, so that only lines of the metrics that are wanted get there;
of the others no more than their names is kept, for suggestions.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from prometheus_client.parser import text_string_to_metric_families

from fairlead.release.sources.metrics.snapshot import Labels, NoEvidence, Shown

LINE = re.compile(r"^[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)[{ \t][^\n]*$", re.MULTILINE | re.ASCII)
TYPED = re.compile(r"^#[ \t]+TYPE[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]+(\w+)", re.MULTILINE | re.ASCII)
PARTS = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
"""What the series of a metric that is declared so are called, there or not yet."""


def read_page(text: str, wanted: Collection[str], *, version: str, began: float) -> Shown:
    """What one instance shows. `NoEvidence` when a metric that is wanted can't be read, or has one series twice."""
    names, lines = set(), []
    is_open = text.rstrip().endswith("# EOF")  # OpenMetrics, which declares counters without their `_total`
    for line in LINE.finditer(text):
        names.add(line[1])
        if line[1] in wanted:
            lines.append(line[0].split(" # {", 1)[0] if is_open else line[0])  # without its exemplar
    for declared, kind in TYPED.findall(text):
        parts = ("_total",) if kind == "counter" and is_open else PARTS.get(kind, ("",))
        names.update(declared + part for part in parts)
    return Shown(version, began, _series("\n".join(lines)), frozenset(names))


def _series(text: str) -> dict[str, list[tuple[Labels, float]]]:
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    try:
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    except (ValueError, IndexError) as error:
        raise NoEvidence(f"its metrics can't be read: {str(error)[:100]}") from None
    for sample in samples:
        series = found.setdefault(sample.name, {})
        key = tuple(sorted(sample.labels.items()))
        if key in series:
            raise NoEvidence(f"{sample.name} has the same series twice")
        series[key] = float(sample.value)
    return {name: [(dict(key), value) for key, value in series.items()] for name, series in found.items()}
