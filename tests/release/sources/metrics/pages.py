"""Snapshots written as pages, for tests."""

from __future__ import annotations

from fairlead.release.sources.metrics.page import read_page
from fairlead.release.sources.metrics.snapshot import Snapshot
from fairlead.release.sources.metrics.watched import Watched


def snapshot(watched: Watched, stable: str, canary: str, *, began: float = 1.0, stable_began: float = 1.0) -> Snapshot:
    """One instance of each version, with these pages."""
    return {
        "hub-v1-0": read_page(stable, watched.wanted, version="v1", began=stable_began),
        "hub-v2-0": read_page(canary, watched.wanted, version="v2", began=began),
    }
