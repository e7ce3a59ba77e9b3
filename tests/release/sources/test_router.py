"""What the router saw, as evidence: only requests of the present share, failed ones never fast, clients once each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.release.sources.conftest import Telling, asking, turning

from fairlead.kit.clock import FakeClock
from fairlead.release.judge import Counts
from fairlead.release.sources import Asked, Reading
from fairlead.release.sources.router import RouterReader
from fairlead.stack.model.release import Canary

BOUNDS = {"latency": 100.0, "first_byte": 50.0}


class Listening:
    """An open source, and the town around it."""

    def __init__(self, clock: FakeClock, router: Telling, asked: Asked) -> None:
        self.clock, self.router = clock, router
        self.reader = RouterReader(asked)
        self.frozen: dict[str, float] = {}

    async def starts(self) -> None:
        self.frozen = dict(await turning(self.clock, self.reader.start()))

    async def reads(self, after_s: float = 2.0) -> Reading:
        """The reading a tick later."""
        await self.clock.advance(after_s)
        return await self.reader.read()


@asynccontextmanager
async def listening(clock: FakeClock, router: Telling, **asked: Any) -> AsyncIterator[Listening]:
    """The source, started, with bounds known."""
    found = Listening(clock, router, asking(clock, router, **{"frozen": BOUNDS, **asked}))
    await found.starts()
    try:
        yield found
    finally:
        await found.reader.close()


def hundred(router: Telling, version: str = "v1", **other: Any) -> None:
    """A hundred answers of 1 to 100 ms, half of it to the first byte."""
    router.tells(*(router.answer(version, float(ms), **other) for ms in range(1, 101)))


# counting


async def test_failed_and_slow_requests_are_counted_for_each_version(clock: FakeClock, router: Telling) -> None:
    async with listening(clock, router) as here:
        await clock.advance(1)
        router.tells(router.answer("v1"), router.answer("v1", 150), router.answer("v2", 90, first_byte_ms=60.0))
        router.tells(router.answer("v2", failed=True))
        reading = await here.reads()
    assert reading.seen == {
        "errors": Counts(0, 1, 2, 2),
        "latency": Counts(1, 1, 2, 2),
        "first_byte": Counts(1, 2, 2, 2),
    }
    assert not reading.why


async def test_a_reading_tells_what_happened_since_the_one_before(clock: FakeClock, router: Telling) -> None:
    async with listening(clock, router) as here:
        await clock.advance(1)
        router.tells(router.answer("v1"))
        await here.reads()
        router.tells(router.answer("v2"))
        assert (await here.reads()).seen["errors"] == Counts(0, 0, 0, 1)
        assert (await here.reads()).seen["errors"] == Counts(0, 0, 0, 0)


async def test_requests_begun_before_the_start_never_count(clock: FakeClock, router: Telling) -> None:
    """The share changed half way: a stream that was assigned by the share before ends under this one."""
    async with listening(clock, router) as here:
        await clock.advance(1)
        router.tells(router.answer("v1", 5_000.0), router.answer("v2", 1_500.0, failed=True), router.answer("v2"))
        assert (await here.reads()).seen["errors"] == Counts(0, 0, 0, 1)


async def test_other_services_and_other_versions_are_passed_over(clock: FakeClock, router: Telling) -> None:
    async with listening(clock, router) as here:
        await clock.advance(1)
        router.tells(router.answer("v0"), router.answer("v2", mirrored=True))
        assert (await here.reads()).seen["errors"] == Counts(0, 0, 0, 0)


async def test_a_request_that_failed_fast_is_a_slow_one(clock: FakeClock, router: Telling) -> None:
    """Otherwise a version that fails at once would look fast."""
    async with listening(clock, router) as here:
        await clock.advance(1)
        router.tells(router.answer("v2", 1.0, failed=True, first_byte_ms=None))
        reading = await here.reads()
    assert set(reading.seen.values()) == {Counts(0, 1, 0, 1)}


async def test_a_client_that_gave_up_waited_until_then(clock: FakeClock, router: Telling) -> None:
    async with listening(clock, router) as here:
        await clock.advance(1)
        router.tells(router.answer("v1", 40.0, first_byte_ms=None), router.answer("v1", 60.0, first_byte_ms=None))
        assert (await here.reads()).seen["first_byte"] == Counts(1, 0, 2, 0)


async def test_an_indicator_that_is_not_judged_is_not_told(clock: FakeClock, router: Telling) -> None:
    asked = asking(clock, router)
    slowness = asked.policy.first_byte.model_copy(update={"judged": False})
    policy = asked.policy.model_copy(update={"first_byte": slowness})
    async with listening(clock, router, policy=policy) as here:
        assert (await here.reads()).seen.keys() == {"errors", "latency"}


# bounds


async def test_bounds_come_from_the_stable_version_before_the_start(clock: FakeClock, router: Telling) -> None:
    hundred(router)
    hundred(router, "v2", began=clock.wall() - 60)
    router.tells(*(router.answer("v1", 9_000.0, failed=True) for _ in range(50)))
    async with listening(clock, router, frozen={}) as here:
        assert here.frozen == {"latency": 95.0, "first_byte": 47.5}
        await clock.advance(1)
        router.tells(router.answer("v1", 95.0), router.answer("v2", 96.0))
        assert (await here.reads()).seen["latency"] == Counts(0, 1, 1, 1)


async def test_what_is_older_than_half_an_hour_is_not_usual_any_more(clock: FakeClock, router: Telling) -> None:
    hundred(router, began=clock.wall() - 1900)
    async with listening(clock, router, frozen={}) as here:
        assert here.frozen == {}


async def test_bounds_that_an_opening_before_froze_hold(clock: FakeClock, router: Telling) -> None:
    hundred(router)
    async with listening(clock, router, frozen={"latency": 7.0}) as here:
        assert here.frozen == {"latency": 7.0, "first_byte": 47.5}


async def test_a_service_that_always_takes_as_long_is_bound_by_that(clock: FakeClock, router: Telling) -> None:
    router.tells(*(router.answer("v1", 3.0) for _ in range(200)))
    async with listening(clock, router, frozen={}) as here:
        assert here.frozen["latency"] == 3.0


async def test_a_quiet_service_says_what_it_is_still_learning(clock: FakeClock, router: Telling) -> None:
    """Until then latency is silent; what taught the bound isn't held against it."""
    async with listening(clock, router, frozen={}) as here:
        await clock.advance(1)
        router.tells(*(router.answer("v1", float(ms)) for ms in range(1, 38)))
        reading = await here.reads()
        assert reading.seen["errors"] == Counts(0, 0, 37, 0)
        assert reading.seen["latency"] is None
        assert reading.why["latency"] == "learning the stable version's p95 (37 of 100 answers)"

        router.tells(*(router.answer("v1", float(ms)) for ms in range(38, 101)))
        reading = await here.reads()
        assert reading.frozen == {"latency": 95.0, "first_byte": 47.5}
        assert reading.seen["latency"] == Counts(0, 0, 0, 0)

        await clock.advance(1)
        router.tells(router.answer("v2", 96.0), router.answer("v2", 5_000.0))
        reading = await here.reads()
        assert reading.seen["latency"] == Counts(0, 1, 0, 1)
        assert reading.seen["errors"] == Counts(0, 0, 0, 2)
        assert reading.frozen == {}


async def test_a_rare_quantile_needs_more_answers(clock: FakeClock, router: Telling) -> None:
    asked = asking(clock, router)
    policy = asked.policy.model_copy(update={"latency": asked.policy.latency.model_copy(update={"quantile": 99.0})})
    hundred(router)
    async with listening(clock, router, policy=policy, frozen={}) as here:
        assert here.frozen.keys() == {"first_byte"}
        assert (await here.reads()).why == {"latency": "learning the stable version's p99 (100 of 500 answers)"}


# silence


async def test_a_router_that_does_not_answer_is_no_evidence(clock: FakeClock, router: Telling) -> None:
    """What was counted before is told when it answers again."""
    async with listening(clock, router) as here:
        await clock.advance(1)
        router.tells(router.answer("v1"))
        router.lives = False
        reading = await here.reads()
        assert set(reading.seen.values()) == {None}
        assert set(reading.why.values()) == {"the router does not answer"}
        router.lives = True
        assert (await here.reads()).seen["errors"] == Counts(0, 0, 1, 0)


async def test_answers_that_break_off_are_asked_for_again_and_none_counts_twice(
    clock: FakeClock, router: Telling
) -> None:
    async with listening(clock, router) as here:
        await clock.advance(1)
        router.tells(router.answer("v1"))
        router.breaks("its log can't be read")
        assert (await here.reads()).why["errors"] == "its log can't be read"
        router.words = None
        await clock.advance(1)
        router.tells(router.answer("v2"))
        assert (await here.reads()).seen["errors"] == Counts(0, 0, 1, 1)


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, -5.0], ids=["an hour on", "an hour back", "a little back"])
async def test_a_step_of_the_clock_lets_nothing_of_before_slip_in(
    clock: FakeClock, router: Telling, step_s: float
) -> None:
    """A request begun before the start, told by the old clock, must not count; what begins after the step does."""
    old = router.answer("v2", began=clock.wall() - 1.0, failed=True)
    async with listening(clock, router) as here:
        await clock.advance(4)
        clock.set_wall(clock.wall() + step_s)
        await here.reads()
        router.tells(old)
        assert (await here.reads()).seen["errors"] == Counts(0, 0, 0, 0)
        await here.reads(10)
        router.tells(router.answer("v1"))
        assert (await here.reads()).seen["errors"] == Counts(0, 0, 1, 0)


# copies


async def test_copies_are_compared_with_requests_of_the_methods_that_are_copied(
    clock: FakeClock, router: Telling
) -> None:
    async with listening(clock, router, mirrored=True, methods=("GET",), sticky=True) as here:
        await clock.advance(1)
        router.tells(router.answer("v1", method="GET"), router.answer("v1", method="POST", failed=True))
        router.tells(router.answer("v2", method="GET", mirrored=True), router.answer("v2", method="GET"))
        assert (await here.reads()).seen["errors"] == Counts(0, 0, 1, 1)


# clients


async def test_a_client_is_one_unit_when_its_window_is_over(clock: FakeClock, router: Telling) -> None:
    """Its first request says whether it is slow, all of its window whether one failed."""
    async with listening(clock, router, sticky=True) as here:
        await clock.advance(1)
        router.tells(router.answer("v2", 150.0, unit="ann"), *(router.answer("v2", unit="ann") for _ in range(50)))
        router.tells(router.answer("v1", unit="bob"))
        await clock.advance(1)
        router.tells(router.answer("v1", 150.0, unit="bob"))
        assert (await here.reads(50)).units == frozenset()
        reading = await here.reads(10)
        assert reading.units == {"ann", "bob"}
        assert reading.seen == {
            "errors": Counts(0, 0, 1, 1),
            "latency": Counts(0, 1, 1, 1),
            "first_byte": Counts(0, 1, 1, 1),
        }


async def test_a_client_that_meets_a_failure_is_told_at_once_and_only_once(clock: FakeClock, router: Telling) -> None:
    async with listening(clock, router, sticky=True) as here:
        await clock.advance(1)
        router.tells(router.answer("v2", unit="ann"), router.answer("v2", unit="ann", failed=True))
        reading = await here.reads()
        assert reading.units == {"ann"}
        assert reading.seen["errors"] == Counts(0, 1, 0, 1)
        assert reading.seen["latency"] == Counts(0, 0, 0, 1)
        router.tells(router.answer("v2", unit="ann", failed=True))
        assert (await here.reads(100)).seen["errors"] == Counts(0, 0, 0, 0)


async def test_clients_counted_before_and_those_without_a_mark_are_passed_over(
    clock: FakeClock, router: Telling
) -> None:
    async with listening(clock, router, sticky=True, counted=frozenset({"ann"})) as here:
        await clock.advance(1)
        router.tells(router.answer("v2", unit="ann", failed=True), router.answer("v2", failed=True))
        reading = await here.reads(100)
        assert reading.seen["errors"] == Counts(0, 0, 0, 0)
        assert reading.units == frozenset()


async def test_clients_of_the_warm_up_are_shown_and_then_forgotten(clock: FakeClock, router: Telling) -> None:
    """A hard break shows at once. But those that failed were told while nothing counts, the others would be later."""
    policy = Canary.model_validate({"warm_up": "30s"})
    async with listening(clock, router, sticky=True, policy=policy) as here:
        await clock.advance(1)
        router.tells(router.answer("v2", unit="ann", failed=True), router.answer("v1", unit="bob"))
        reading = await here.reads()
        assert reading.seen["errors"] == Counts(0, 1, 0, 1)
        assert reading.units == frozenset()
        await here.reads(30)
        router.tells(router.answer("v2", unit="ann", failed=True), router.answer("v1", unit="bob"))
        reading = await here.reads()
        assert reading.seen["errors"] == Counts(0, 1, 0, 1)
        assert reading.units == {"ann"}
        reading = await here.reads(60)
        assert reading.seen["errors"] == Counts(0, 0, 1, 0)
        assert reading.units == {"bob"}


async def test_what_a_client_does_after_its_window_is_not_its_unit(clock: FakeClock, router: Telling) -> None:
    async with listening(clock, router, sticky=True) as here:
        await clock.advance(1)
        router.tells(router.answer("v2", unit="ann"))
        await clock.advance(70)
        router.tells(router.answer("v2", unit="ann", failed=True))
        assert (await here.reads()).seen["errors"] == Counts(0, 0, 0, 1)


async def test_more_clients_than_can_be_remembered_are_said_and_not_guessed(
    clock: FakeClock, router: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.release.sources.answers.clients.MOST", 3)
    async with listening(clock, router, sticky=True) as here:
        await clock.advance(1)
        router.tells(*(router.answer("v2", unit=str(n)) for n in range(9)))
        reading = await here.reads()
        assert set(reading.seen.values()) == {None}
        assert "no more can be told apart" in reading.why["errors"]
