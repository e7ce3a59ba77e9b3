"""What limits mean, and what a refused request is told."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.apps.hub.accounts import refusals, telling
from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.accounts.limits import rules
from fairlead.apps.hub.calls import Failure
from fairlead.apps.hub.config import Limit

from .conftest import MakeOffice, declared, entry, obtained


def test_a_limit_falls_apart_into_rules_with_names_of_their_own() -> None:
    """The stricter of two for the same counter holds."""
    limits = [Limit.model_validate(one) for one in (
        {"requests": "600/m", "tokens": "9/m"}, {"requests": "60/m"}, {"usd": 2.5, "per": "day", "model": "a|b"},
        {"concurrent": 3},
    )]  # fmt: skip
    assert [(one.counter, one.most) for one in rules("key", "a/b", limits)] == [
        ("key|a/b|requests|1m|*", 60),
        ("key|a/b|tokens|1m|*", 9),
        ("key|a/b|money|1d|a%7Cb", 2_500_000_000),
        ("key|a/b|concurrent|now|*", 3),
    ]


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"requests": "2/24h"}, "over the limit of 2 requests of the key alice per 1d: 0 requests left"),
        ({"usd": 2e-9}, "over the limit of $0.000000002 of the key alice per month: $0 left"),
        ({"tokens": "2/24h", "model": "parrot"}, "2 tokens of the key alice for parrot per 1d: 0 tokens left"),
        ({"concurrent": 2}, "over the limit of 2 concurrent of the key alice at once: 0 concurrent left"),
    ],
)
async def test_a_refused_request_is_told_which_limit_and_when_to_try_again(
    opens: MakeOffice, limit: dict[str, Any], words: str
) -> None:
    """429, and when."""
    office = await opens(declared(limit))
    for _ in range(2):
        assert isinstance(await obtained(office), Hold)
    failure = await obtained(office)
    assert isinstance(failure, Failure)
    assert failure.status == 429
    assert words in failure.message
    assert failure.retry_after_s == refusals.SOON_S  # all of it is held by requests under way: one may end soon


async def test_a_request_that_needs_more_than_the_limit_is_never_tried_again(opens: MakeOffice) -> None:
    """There is no use in waiting."""
    office = await opens(declared({"tokens": "100/m"}))
    failure = await obtained(office, tokens=101)
    assert isinstance(failure, Failure)
    assert failure.retry_after_s is None
    assert failure.message == "needs 101 tokens, the limit is 100 tokens of the key alice per 1m"


async def test_what_was_not_used_is_there_again(opens: MakeOffice) -> None:
    """Settled for less, or released."""
    office = await opens(declared({"usd": 100e-9}))
    first, second = [await obtained(office, cost_nano=50) for _ in range(2)]
    assert isinstance(first, Hold)
    assert isinstance(second, Hold)
    assert isinstance(await obtained(office, cost_nano=1), Failure)
    office.accounts.settle(first, entry(10))
    office.accounts.release(second)
    office.accounts.release(second)
    assert isinstance(await obtained(office, cost_nano=90), Hold)


async def test_a_request_that_cost_more_is_charged_whole_and_stops_the_next(opens: MakeOffice) -> None:
    """By no more than that one."""
    office = await opens(declared({"usd": 100e-9}))
    hold = await obtained(office, cost_nano=1)
    assert isinstance(hold, Hold)
    office.accounts.settle(hold, entry(150))
    assert isinstance(await obtained(office), Failure)


async def test_limits_of_a_team_hold_for_all_of_its_keys_and_of_a_model_only_for_it(opens: MakeOffice) -> None:
    """Beside those of the key."""
    teams = {"blue": {"limits": [{"requests": "3/24h"}]}}
    office = await opens(declared({"requests": "1/24h", "model": "dear"}, teams=teams, key={"team": "blue"}))
    outcomes = [await obtained(office, model=model) for model in ("dear", "dear", "parrot", "parrot", "parrot")]
    assert [isinstance(one, Hold) for one in outcomes] == [True, False, True, True, False]


async def test_headers_say_what_is_left(opens: MakeOffice) -> None:
    """Of requests and tokens, as OpenAI names them."""
    office = await opens(declared({"requests": "10/24h", "tokens": "1000/24h", "usd": 1}))
    hold = await obtained(office, tokens=100)
    assert isinstance(hold, Hold)
    said = telling.lines(telling.told(hold.account.meters), hold.started).removeprefix("\r\n").split("\r\n")
    found = dict(line.split(": ") for line in said)
    assert found["x-ratelimit-limit-requests"] == "10"
    assert found["x-ratelimit-remaining-requests"] == "9"
    assert found["x-ratelimit-remaining-tokens"] == "900"
    names, measures = ("limit", "remaining", "reset"), ("requests", "tokens")
    assert set(found) == {f"x-ratelimit-{name}-{what}" for name in names for what in measures}
    assert telling.duration(59) == "59s"
    assert telling.duration(360) == "6m0s"
    assert telling.duration(86_399) == "23h59m59s"


async def test_another_configuration_forgets_nothing_that_was_spent(opens: MakeOffice) -> None:
    """A larger limit leaves more, a smaller one less."""
    office = await opens(declared({"requests": "2/24h"}))
    for _ in range(2):
        hold = await obtained(office)
        assert isinstance(hold, Hold)
        office.accounts.settle(hold, entry())
    assert isinstance(await obtained(office), Failure)
    office.declare(declared({"requests": "3/24h"}))
    outcomes: list[object] = []
    while not any(isinstance(one, Hold) for one in outcomes):
        outcomes.append(await obtained(office))
    office.declare(declared({"requests": "1/24h"}))
    assert isinstance(await obtained(office), Failure)
