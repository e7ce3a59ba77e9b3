"""Figures that people and programs read."""

from __future__ import annotations

import math

import pytest

from fairlead.daemon.metrics import NAMES, text
from fairlead.daemon.overrides import override
from fairlead.daemon.status import quantile
from fairlead.engine.router import Traffic
from fairlead.errors import UsageError
from fairlead.stack.model.service import Service


def test_a_quantile_is_interpolated_within_its_bucket() -> None:
    """As Prometheus' histogram_quantile does."""
    histogram = {10.0: 50, 20.0: 100, math.inf: 100}
    assert quantile(histogram, 0.5) == 10.0
    assert quantile(histogram, 0.75) == 15.0
    assert quantile({10.0: 0, math.inf: 5}, 0.95) == 10.0
    assert quantile({}, 0.95) is None
    assert quantile({10.0: 0, math.inf: 0}, 0.95) is None


def test_metrics_are_in_prometheus_form() -> None:
    """Cumulative buckets, seconds, and a label for the version."""
    version = {
        "version": "v1", "requests": 3, "errors": 1, "in_flight": 2, "share": 62.5, "wanted": 2, "ready": 1,
        "instances": [{"restarts": 1}, {"restarts": 2}],
    }  # fmt: skip
    status = {"services": [{"name": "notes", "versions": [version]}]}
    lines = text(status, {("notes", "v1"): Traffic(latency_ms={10.0: 2, math.inf: 3})}).splitlines()
    labels = 'service="notes",version="v1"'
    assert f"fairlead_requests_total{{{labels}}} 3" in lines
    assert f"fairlead_share_percent{{{labels}}} 62.5" in lines
    assert f"fairlead_instance_restarts_total{{{labels}}} 3" in lines
    assert f'fairlead_request_duration_seconds_bucket{{{labels},le="0.01"}} 2' in lines
    assert f'fairlead_request_duration_seconds_bucket{{{labels},le="+Inf"}} 3' in lines
    assert all(f"# TYPE {name} {NAMES[name][0]}" in lines for name in NAMES)


def test_set_changes_one_key_of_one_release() -> None:
    """Text, numbers, lists, and keys of keys."""
    spec = Service(command=["web"], environment={"A": "a", "B": "b"})
    changed = override(
        "web",
        spec,
        {"environment.A": "new", "scale.min": "3", "command": "other --now", "release.watch": "5s", "labels.x": "1"},
    )
    assert changed.environment == {"A": "new", "B": "b"}
    assert changed.scale.min == 3
    assert changed.command == ["other", "--now"]
    assert changed.release.watch == 5.0
    assert changed.labels == {"x": "1"}
    assert override("web", spec, {}) is spec


@pytest.mark.parametrize("changes", [{"scale.mni": "3"}, {"scale.min": "many"}, {"description.x": "1"}])
def test_a_wrong_set_names_its_key(changes: dict[str, str]) -> None:
    """And nothing is released."""
    with pytest.raises(UsageError, match=r"--set (scale\.m|description)"):
        override("web", Service(command=["web"], description="d"), changes)
