"""What a service declares, as the policy of a judge."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.errors import ReleaseError
from fairlead.release.indicators import by_source, expected_of, policies, with_margin
from fairlead.release.judge import EventMargin, MeanMargin
from fairlead.stack.model.service import Service


def service(**canary: Any) -> Service:
    """With these settings of its canary."""
    return Service.model_validate({"command": ["x"], "release": {"canary": canary}})


DECLARED = service(
    warm_up="7s",
    errors={"margin": 3, "negligible": "0.5%"},
    first_byte={"judged": False},
    indicators={
        "cost": {"gauge": "cost_usd"},
        "score": {"gauge": "score", "better": "higher", "margin": 1.05, "source": "prometheus"},
        "refusals": {"errors": "refused_total", "total": "asked_total", "negligible": "1%"},
        "ttft": {"histogram": "ttft_seconds", "margin": 1.5},
    },
)


def test_every_service_is_judged_by_errors_latency_and_first_byte() -> None:
    """Without a word said; the errors of a service that hardly has any are let pass."""
    policy = policies({"hub": service()})["hub"]
    assert policy.indicators == {
        "errors": EventMargin(2.0, 0.001),
        "latency": EventMargin(2.0),
        "first_byte": EventMargin(2.0),
    }
    assert policy.guard.failing == "errors"
    assert (policy.alpha, policy.beta, policy.warm_up_s) == (0.01, 0.05, 30.0)


def test_what_is_declared_comes_beside() -> None:
    """A gauge is a mean, all else are events; margins default to what each kind can prove in time."""
    policy = policies({"hub": DECLARED})["hub"]
    assert policy.indicators == {
        "errors": EventMargin(3.0, 0.005),
        "latency": EventMargin(2.0),
        "cost": MeanMargin(1.15, "lower"),
        "score": MeanMargin(1.05, "higher"),
        "refusals": EventMargin(2.0, 0.01),
        "ttft": EventMargin(1.5),
    }
    assert policy.warm_up_s == 7.0


def test_services_that_are_released_together_share_the_probability_of_a_false_alarm() -> None:
    """Each indicator of all of them gets the same part of it."""
    found = policies({"hub": service(), "guard": DECLARED})
    assert sum(policy.alpha for policy in found.values()) == pytest.approx(0.01)
    assert found["hub"].worse_at == pytest.approx(found["guard"].worse_at) == pytest.approx(9 / 0.01)


def test_a_name_stands_for_one_thing() -> None:
    """The router's own indicators can't be declared again."""
    with pytest.raises(ReleaseError, match="hub: indicator `latency` is there already"):
        policies({"hub": service(indicators={"latency": {"gauge": "x"}})})


def test_each_source_is_asked_for_its_own() -> None:
    """The router always."""
    canary = DECLARED.release.canary
    assert {name: set(asked) for name, asked in by_source(canary).items()} == {
        "router": set(),
        "scrape": {"cost", "refusals", "ttft"},
        "prometheus": {"score"},
    }
    assert set(expected_of("router", canary)) == {"errors", "latency"}
    assert set(expected_of("prometheus", canary)) == {"score"}


def test_a_policy_can_be_asked_with_another_margin() -> None:
    """For "what if"."""
    policy = policies({"hub": DECLARED})["hub"]
    found = with_margin(policy, 1.5)
    assert {margin.ratio for margin in found.indicators.values()} == {1.5}
    assert found.indicators["score"] == MeanMargin(1.5, "higher")
