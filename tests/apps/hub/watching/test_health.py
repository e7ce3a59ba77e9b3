"""Health pages of a whole hub, while it is well, while something is wrong, and while it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.apps.hub.watching.hubs import SAID, running

PAGES = ("/liveness", "/readiness", "/health", "/health/detailed")


@pytest.mark.parametrize("path", PAGES)
async def test_a_hub_that_is_well_says_so_on_both_listeners(tmp_path: Path, path: str) -> None:
    """With 200; for HEAD too."""
    async with running(tmp_path) as hub:
        for listener in (hub.front, hub.back):
            assert (await listener.get(path)).status_code == 200
            assert (await listener.head(path)).status_code == 200
            assert (await listener.post(path)).status_code == 404


async def test_the_detailed_page_tells_of_each_part(tmp_path: Path) -> None:
    """Providers, what is written down, the cache, the configuration."""
    async with running(tmp_path) as hub:
        await hub.asks(temperature=0)
        told = (await hub.back.get("/health/detailed")).json()

    assert told["status"] == "well"
    assert told["version"]
    assert told["uptime_s"] >= 0
    assert set(told["parts"]) >= {"providers", "spool", "ledger", "budgets", "cache", "configuration"}
    echo = told["parts"]["providers"]["each"]["echo"]
    assert echo["keys"] == [{"status": "well", "breaker": "closed", "rests_s": 0.0}]
    assert told["parts"]["cache"]["answers"] == 1


async def test_it_is_not_ready_while_it_says_farewell_but_alive(tmp_path: Path) -> None:
    """So that nobody sends it anything, and nobody kills it for that."""
    async with running(tmp_path) as hub:
        hub.hub.ready = False
        assert (await hub.front.get("/readiness")).status_code == 503
        assert (await hub.back.get("/health")).json() == {"status": "failing"}
        assert (await hub.front.get("/liveness")).status_code == 200


async def test_it_is_not_ready_while_requests_can_not_be_written_down(tmp_path: Path) -> None:
    """The disk is gone, though memory still takes some; and ready again once the disk is back."""
    async with running(tmp_path) as hub:
        hub.hub.office._spool.problem = "No space left on device"
        assert (await hub.back.get("/readiness")).status_code == 503
        told = (await hub.back.get("/health/detailed")).json()
        assert (told["status"], told["parts"]["spool"]["problem"]) == ("degraded", "No space left on device")
        hub.hub.office._spool.problem = None
        assert (await hub.back.get("/readiness")).status_code == 200


async def test_a_provider_that_breaks_degrades_it(tmp_path: Path) -> None:
    """After some failures in a row its breaker opens."""
    said = {**SAID, "models": {"quick": {"targets": ["echo/echo?fail=500"], "retries": 0}}}
    async with running(tmp_path, said) as hub:
        for _ in range(5):
            await hub.asks()
        told = (await hub.back.get("/health/detailed")).json()

    assert told["status"] == "degraded"
    assert told["parts"]["providers"]["each"]["echo"]["status"] == "failing"
    assert told["parts"]["providers"]["each"]["echo"]["keys"][0]["breaker"] == "open"
    assert told["parts"]["providers"]["each"]["echo"]["keys"][0]["rests_s"] > 0


async def test_problems_of_the_configuration_are_told_to_those_who_run_it(tmp_path: Path) -> None:
    """Clients only learn that there are some."""
    async with running(tmp_path) as hub:
        hub.hub.problems = ("hub.yaml:3: models.slow: unknown provider",)
        inside = (await hub.back.get("/health/detailed")).json()
        outside = (await hub.front.get("/health/detailed")).json()

    assert inside["parts"]["configuration"]["problems"] == ["hub.yaml:3: models.slow: unknown provider"]
    assert outside["parts"]["configuration"]["problems"] == 1
    assert outside["status"] == "degraded"
