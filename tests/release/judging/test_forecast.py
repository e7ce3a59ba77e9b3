"""How long a canary will take, before it begins."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from fairlead.engine.router import Traffic
from fairlead.release.judging.forecast import forecast, usual
from fairlead.stack.model.network import Traffic as Shared
from fairlead.stack.model.service import Service

BUSY = Traffic(100_000, 500, 3, {100.0: 90_000, 250.0: 96_000, 1000.0: 99_900, inf: 100_000})


def service(**canary: Any) -> Service:
    """With these settings of its canary."""
    return Service.model_validate({"command": ["x"], "release": {"canary": canary}})


def test_it_is_the_pace_of_all_shares_but_the_last_and_what_the_slowest_indicator_needs() -> None:
    """At 20 requests a second with half a percent of errors: minutes, not hours."""
    spec = service(pace="2m", steps=["5%", "25%", "50%", "100%"])
    before = Traffic(BUSY.requests - 200, BUSY.errors, 0, {})

    found = forecast("hub", spec, usual(BUSY, before, 10.0, spec.release.canary))

    assert found.requests_per_s == pytest.approx(20)
    assert found.slowest is not None
    assert found.slowest.seconds is not None
    assert found.seconds == pytest.approx(2 * 120 + 30 + found.slowest.seconds)
    assert 30 < found.slowest.seconds < 3600
    assert found.unknown == ()


def test_without_traffic_it_is_unknown() -> None:
    """Nothing is guessed."""
    spec = service()
    found = forecast("hub", spec, usual(BUSY, BUSY, 10.0, spec.release.canary))
    assert found.seconds is None
    assert found.requests_per_s == 0


def test_indicators_of_which_nothing_is_known_are_named() -> None:
    """The time is that of the others."""
    spec = service(indicators={"cost": {"gauge": "cost_usd"}})
    found = forecast("hub", spec, usual(BUSY, None, 1000.0, spec.release.canary))
    assert found.unknown == ("cost",)
    assert found.seconds is not None


def test_a_service_that_never_fails_is_forecast_by_what_is_negligible() -> None:
    """And without such a rate it can't be told."""
    flawless = Traffic(100_000, 0, 0, dict(BUSY.latency_ms))
    told, untold = service(), service(errors={"negligible": None})
    assert forecast("hub", told, usual(flawless, None, 1000.0, told.release.canary)).seconds is not None
    assert forecast("hub", untold, usual(flawless, None, 1000.0, untold.release.canary)).seconds is None


def test_a_canary_without_shares_is_not_judged() -> None:
    """All at once."""
    spec = service(steps=["100%"])
    assert forecast("hub", spec, usual(BUSY, None, 1000.0, spec.release.canary)).seconds == 0


def test_clients_that_stay_with_their_version_can_not_be_forecast() -> None:
    """They are what is judged then, and nobody has counted them."""
    spec = service().model_copy(update={"traffic": Shared.model_validate({"sticky": "cookie"})})
    found = forecast("hub", spec, usual(BUSY, None, 1000.0, spec.release.canary))
    assert found.seconds is None
    assert found.unknown == ("errors", "latency", "first_byte")
