"""Each instance's own page: all of them or none, and whatever a page is, never an exception."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.release.sources.conftest import Served, Telling, asking

from fairlead.engine.router import Traffic
from fairlead.errors import UsageError
from fairlead.kit.clock import FakeClock
from fairlead.release.judge import Counts, Values
from fairlead.release.sources import Reader, Reading, Target
from fairlead.release.sources.scrape import scrape
from fairlead.stack.model.objectives import Indicator

Serve = Callable[[], Awaitable[Served]]

PROVIDER = Indicator(errors='llm_errors_total{kind="provider"}', total="llm_calls_total")
TTFT = Indicator(histogram="ttft_seconds")
COST = Indicator(gauge="cost_usd")
EVERYTHING = {"provider": PROVIDER, "ttft": TTFT, "cost": COST}


def page(bad: int, calls: int, slow: int = 0, cost: float = 0.0) -> str:
    """What an instance shows after so many calls."""
    return (
        f'# TYPE llm_errors_total counter\nllm_errors_total{{kind="provider"}} {bad}\nllm_calls_total {calls}\n'
        f'ttft_seconds_bucket{{le="0.5"}} {calls - slow}\nttft_seconds_bucket{{le="+Inf"}} {calls}\n'
        f"cost_usd_sum {cost}\ncost_usd_count {calls}\n"
    )


@dataclass
class Town:
    """Two instances of `v1` and one of `v2`, each with its own page."""

    reader: Reader
    pages: dict[str, Served]
    targets: dict[str, Target]
    frozen: Mapping[str, float]

    async def reads(self) -> Reading:
        return await self.reader.read()


@asynccontextmanager
async def town(clock: FakeClock, router: Telling, serve: Serve, **asked: Any) -> AsyncIterator[Town]:
    """The source, started: 100 and 300 calls so far of `v1`, none of `v2`."""
    pages = {name: await serve() for name in ("hub-v1-0", "hub-v1-1", "hub-v2-0")}
    pages["hub-v1-0"].text, pages["hub-v1-1"].text = page(1, 100, 5, 1.0), page(3, 300, 15, 3.0)
    pages["hub-v2-0"].text = page(0, 0)
    targets = {name: Target(name, name.split("-")[1], f"{one.url}/metrics", 1.0) for name, one in pages.items()}
    whole = {"indicators": EVERYTHING, "targets": lambda: list(targets.values()), **asked}
    reader = scrape(asking(clock, router, **whole))
    try:
        yield Town(reader, pages, targets, await reader.start())
    finally:
        await reader.close()


def serves_more(here: Town) -> None:
    """A hundred calls more to `v1`, twenty to `v2`."""
    here.pages["hub-v1-0"].text = page(2, 150, 9, 1.6)
    here.pages["hub-v1-1"].text = page(3, 350, 16, 3.5)
    here.pages["hub-v2-0"].text = page(1, 20, 2, 0.4)


async def test_indicators_are_read_from_all_instances(clock: FakeClock, router: Telling, served: Serve) -> None:
    async with town(clock, router, served) as here:
        assert here.frozen == {"ttft": 0.5}
        serves_more(here)
        reading = await here.reads()
    assert reading.why == {}
    assert reading.seen["provider"] == Counts(1, 1, 100, 20)
    assert reading.seen["ttft"] == Counts(5, 2, 100, 20)
    cost = reading.seen["cost"]
    assert isinstance(cost, Values)
    assert (cost.stable.units, cost.canary.units) == (100, 20)
    assert cost.stable.sum == pytest.approx(1.1)
    assert here.pages["hub-v2-0"].asked[0].startswith("GET /metrics HTTP/1.1\r\n")


async def breaks(here: Town, how: str) -> None:
    """Do something to the page of one instance of `v1`."""
    broken = here.pages["hub-v1-1"]
    match how:
        case "gone":
            await broken.stop()
        case "an error":
            broken.status = 500
        case "slow":
            broken.hangs = True
        case "huge":
            broken.text = "#" * (8 * 1024**2) + "\n" + broken.text
        case "garbage":
            broken.text = "\0\udcff<html>"
        case "NaN":
            broken.text = broken.text.replace('{kind="provider"} 3', '{kind="provider"} NaN')
        case "half a page":
            broken.text = "llm_errors_total{kind="
        case "twice":
            broken.text = broken.text * 2


WHY = {
    "gone": "hub-v1-1: connection refused",
    "an error": "hub-v1-1: its metrics answered 500",
    "slow": "hub-v1-1: no answer within 0.2 s",
    "huge": "hub-v1-1: its answer is larger than 8 MiB",
    "twice": "hub-v1-1: llm_errors_total has the same series twice",
    "half a page": "hub-v1-1: its metrics can't be read: ",
}


@pytest.mark.parametrize("how", WHY)
async def test_one_instance_of_several_that_is_silent_is_no_evidence_at_all(
    clock: FakeClock, router: Telling, served: Serve, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.release.sources.metrics.fetching.WITHIN_S", 0.2 if how == "slow" else 5.0)
    async with town(clock, router, served) as here:
        serves_more(here)
        await breaks(here, how)
        reading = await here.reads()
    assert reading.seen == dict.fromkeys(EVERYTHING)
    assert reading.why["provider"].startswith(WHY[how])


@pytest.mark.parametrize("how", ["an error", "NaN", "twice", "huge", "half a page"])
async def test_what_was_missed_is_covered_when_it_answers_again(
    clock: FakeClock, router: Telling, served: Serve, how: str
) -> None:
    async with town(clock, router, served) as here:
        await breaks(here, how)
        await here.reads()
        here.pages["hub-v1-1"].status = 200
        serves_more(here)
        assert (await here.reads()).seen["provider"] == Counts(1, 1, 100, 20)


async def test_a_page_without_the_metrics_on_one_instance_takes_nothing_for_zero(
    clock: FakeClock, router: Telling, served: Serve
) -> None:
    """Else the next one would show all that it ever counted as new."""
    async with town(clock, router, served) as here:
        serves_more(here)
        await breaks(here, "garbage")
        reading = await here.reads()
        assert reading.seen == dict.fromkeys(EVERYTHING)
        assert reading.why["provider"] == "hub-v1-1 shows no llm_calls_total and no llm_errors_total"
        serves_more(here)
        assert (await here.reads()).seen["provider"] == Counts(1, 1, 100, 20)


async def test_a_restart_is_counted_from_nothing(clock: FakeClock, router: Telling, served: Serve) -> None:
    async with town(clock, router, served) as here:
        serves_more(here)
        here.pages["hub-v1-0"].text = page(1, 10, 1, 0.1)
        here.targets["hub-v1-0"] = replace(here.targets["hub-v1-0"], began=2.0)
        assert (await here.reads()).seen["provider"] == Counts(1, 1, 60, 20)


async def test_instances_that_come_and_go_make_their_stretch_unknown(
    clock: FakeClock, router: Telling, served: Serve
) -> None:
    async with town(clock, router, served) as here:
        gone = here.targets.pop("hub-v1-1")
        assert (await here.reads()).why["provider"] == "instances of v1 came or went"
        assert (await here.reads()).seen["provider"] == Counts(0, 0, 0, 0)
        here.targets["hub-v1-1"] = gone
        assert (await here.reads()).why["provider"] == "instances of v1 came or went"
        assert (await here.reads()).seen["provider"] == Counts(0, 0, 0, 0)
        del here.targets["hub-v2-0"]
        assert (await here.reads()).why["provider"] == "no instance of v2 runs"


async def test_an_instance_replaced_while_pages_are_read_spoils_them(
    clock: FakeClock, router: Telling, served: Serve
) -> None:
    async with town(clock, router, served) as here:
        told = list(here.targets.values())
        later = [replace(one, began=2.0) for one in told]
        answers = iter([told, later])
        reader = scrape(asking(clock, router, indicators=EVERYTHING, targets=lambda: next(answers)))
        reading = await reader.read()
        await reader.close()
    assert reading.why["provider"] == "an instance was started or stopped meanwhile"


async def test_one_without_metrics_is_told(clock: FakeClock, router: Telling, served: Serve) -> None:
    async with town(clock, router, served) as here:
        here.targets["hub-v2-0"] = replace(here.targets["hub-v2-0"], metrics=None)
        assert (await here.reads()).why["cost"] == "hub-v2-0: it has no port for metrics"


async def test_an_unknown_metric_is_told_with_a_suggestion(clock: FakeClock, router: Telling, served: Serve) -> None:
    wrong = {"provider": Indicator(errors="llm_error_total", total="llm_calls_total"), "cost": COST}
    async with town(clock, router, served, indicators=wrong) as here:
        reading = await here.reads()
    assert reading.why == {"provider": "v1 has no metric named llm_error_total; did you mean llm_errors_total?"}
    assert reading.seen["cost"] is not None


async def test_a_metric_that_is_not_written_as_one_is_an_error_before_anything_is_read(
    clock: FakeClock, router: Telling
) -> None:
    with pytest.raises(UsageError, match=r"indicator `cost`: metric `sum\(cost\)`: should be a name"):
        scrape(asking(clock, router, indicators={"cost": Indicator(gauge="sum(cost)")}))


async def test_a_silent_start_is_made_up_for_later(clock: FakeClock, router: Telling, served: Serve) -> None:
    """Counting begins with the first reading that answers, and the bound is told with it."""
    async with town(clock, router, served) as here:
        here.pages["hub-v2-0"].status = 503
        whole = {"indicators": {"ttft": TTFT}, "targets": lambda: list(here.targets.values())}
        late = scrape(asking(clock, router, **whole))
        assert await late.start() == {}
        here.pages["hub-v2-0"].status = 200
        reading = await late.read()
        assert reading.why == {"ttft": "counting has just begun"}
        assert reading.frozen == {"ttft": 0.5}
        serves_more(here)
        reading = await late.read()
        assert reading.seen["ttft"] == Counts(5, 2, 100, 20)
        assert reading.frozen == {}
        await late.close()


async def test_where_clients_were_assigned_requests_are_no_evidence(
    clock: FakeClock, router: Telling, served: Serve
) -> None:
    async with town(clock, router, served, sticky=True) as here:
        serves_more(here)
        assert (await here.reads()).why["cost"] == "it counts requests, but clients were assigned"


async def test_a_gauge_is_weighed_by_the_router_s_count(clock: FakeClock, router: Telling, served: Serve) -> None:
    router.lives = False
    async with town(clock, router, served, indicators={"score": Indicator(gauge="llm_calls_total")}) as here:
        assert (await here.reads()).why["score"] == "the router does not say how many requests there were"
        router.lives = True
        router.passed = {
            ("hub", "v1"): Traffic(requests=50),
            ("hub", "v2"): Traffic(requests=7),
            ("x", "v1"): Traffic(),
        }
        assert (await here.reads()).why["score"] == "counting has just begun"
        router.passed["hub", "v1"] = Traffic(requests=80)
        assert (await here.reads()).why == {}
