"""The page of metrics tells of every metric that there is, and of none that has gone."""

from __future__ import annotations

import re
from pathlib import Path

from tests.apps.hub.watching.hubs import SAID, running

ROOT = Path(__file__).parents[4]
ROW = re.compile(r"^\| `(\w+)` \| (counter|gauge|histogram) \| (.+) \|$", re.MULTILINE)
HELP = re.compile(r"^# HELP (\w+) (.+)\n# TYPE \w+ (\w+)$", re.MULTILINE)
WITH_TRACES = {"fairlead_hub_spans_dropped_total"}


async def test_every_metric_is_told_with_its_type_and_meaning(tmp_path: Path) -> None:
    """As a hub says them itself."""
    page = (ROOT / "docs" / "reference" / "hub-metrics.md").read_text()
    told = {name: (kind, words) for name, kind, words in ROW.findall(page)}
    async with running(tmp_path, {**SAID, "keys": {"a": {"sha256": "ab" * 32, "limits": [{"usd": 1}]}}}) as hub:
        await hub.asks()
        said = {name: (kind, words) for name, words, kind in HELP.findall(await hub.metrics())}

    assert {name: told[name] for name in told if name not in WITH_TRACES} == said
