"""Canaries judged under load: bad ones go before many have met them, good ones get in, and no request is lost to it."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import httpx
import pytest
from bench.canary import POLICY, service
from bench.load.process import Load
from bench.town import Town, until

from fairlead.engine.leasing import LEASE_S

RATE = 150.0
PATHS = ["/llm/"]


def declare(town: Town, **canary: Any) -> None:
    """The service, without errors of its own: what fails then has been lost on the way."""
    spec = service(town)
    spec["environment"]["ERRORS"] = "0"
    spec["release"]["canary"] |= canary
    town.declare({"llm": spec})
    town.up()


def under_judgement(town: Town) -> None:
    until(lambda: len(town.shares("llm")) == 2, "the canary has a share of the requests")


def ended(town: Town, within_s: float = 60.0) -> dict[str, Any]:
    until(lambda: town.releases("llm")[0]["state"] != "running", "the release has ended", within_s=within_s)
    return town.releases("llm")[0]


@pytest.mark.timeout(180)
def test_a_good_canary_gets_all_requests_by_itself(town: Town) -> None:
    """Step by step, with a reason that is kept."""
    declare(town)
    with Load(town.url, plain=PATHS, rate=RATE) as load:
        said = town.fairlead("deploy", "llm", "--set", "environment.ROUND=1", within_s=150)
    assert town.shares("llm") == {"v2": 100.0}
    assert "within the margin" in json.dumps(town.releases("llm")[0])
    assert "v2 serves all requests" in said.text
    assert load.result.failed == 0, load.result.why


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("fault", "why"), [("half", "errors"), ("slow", "latency"), ("crash", "errors|crash")])
def test_a_bad_canary_is_taken_back_before_half_of_the_requests_meet_it(town: Town, fault: str, why: str) -> None:
    """And says why."""
    declare(town)
    with Load(town.url, plain=PATHS, rate=RATE) as load:
        said = town.fairlead("deploy", "llm", "--set", f"environment.FAULT={fault}", fails=True, within_s=150)
    assert "v2 was taken back, v1 serves all requests" in said.err
    assert re.search(why, said.err)
    assert town.shares("llm") == {"v1": 100.0}
    answers = [seen.version for seen in load.result.answers]
    assert answers.count("v2") < len(answers) / 2


@pytest.mark.timeout(180)
def test_an_engine_that_is_killed_leaves_no_request_to_the_canary(town: Town) -> None:
    """Within the lease; and on its return the canary is judged right."""
    declare(town)
    with Load(town.url, plain=PATHS, rate=RATE) as load:
        with town.begin("deploy", "llm", "--set", "environment.FAULT=cost") as release:
            under_judgement(town)
            town.kill_daemon()
            killed = time.time()
            release.communicate(timeout=30)
        time.sleep(LEASE_S + 3)  # nobody is there who could be asked
        back = time.time()
        town.fairlead("daemon", "start")
        assert ended(town, 120)["state"] == "taken back"
    met = [seen.at for seen in load.result.answers if seen.version == "v2" and killed < seen.at < back]
    assert max(met, default=killed) - killed < LEASE_S + 2
    assert town.shares("llm") == {"v1": 100.0}
    assert load.result.failed == 0, load.result.why


@pytest.mark.timeout(120)
def test_a_person_can_hold_a_canary_and_decide_it(town: Town) -> None:
    """Paused it stays where it is; promoted it gets everything; aborted it goes."""
    declare(town, pace="2m")
    with Load(town.url, plain=PATHS, rate=RATE) as load:
        for decision, state in (("promote", "succeeded"), ("abort", "taken back")):
            with town.begin("deploy", "llm", "--set", f"environment.ROUND={decision}") as release:
                under_judgement(town)
                town.fairlead("pause", "llm")
                assert "paused" in town.fairlead("status").out
                town.fairlead("resume", "llm")
                town.fairlead(decision, "llm")
                release.communicate(timeout=60)
            assert ended(town)["state"] == state
    assert town.shares("llm") == {"v2": 100.0}
    assert load.result.failed == 0, load.result.why


@pytest.mark.timeout(120)
def test_a_source_that_is_silent_holds_the_canary_where_it_is(town: Town) -> None:
    """No evidence is neither good nor bad, and the status says so."""
    declare(town, indicators={"tokens": {"errors": "no_such_total", "total": "neither_total"}})
    with (
        Load(town.url, plain=PATHS, rate=RATE),
        town.begin("deploy", "llm", "--set", "environment.ROUND=1") as release,
    ):
        under_judgement(town)
        until(lambda: "no metric named neither_total" in town.fairlead("status").out, "the status says what is missing")
        assert town.shares("llm") == {"v1": 95.0, "v2": 5.0}
        town.fairlead("abort", "llm")
        release.communicate(timeout=60)
    assert ended(town)["state"] == "taken back"


@pytest.mark.timeout(180)
def test_services_released_together_come_and_go_together(town: Town) -> None:
    """One of them is worse: both are taken back."""
    one, two = service(town, "one"), service(town, "two")
    town.declare({"one": one, "two": two})
    town.up()
    one["release"] = {**one["release"], "with": ["two"]}
    one["environment"]["ROUND"] = "1"
    two["environment"]["FAULT"] = "half"
    town.declare({"one": one, "two": two})
    with Load(town.url, plain=["/one/", "/two/"], rate=RATE):
        said = town.fairlead("deploy", "one", fails=True, within_s=120)
    assert "two" in said.err
    assert (town.shares("one"), town.shares("two")) == ({"v1": 100.0}, {"v1": 100.0})


@pytest.mark.timeout(120)
def test_a_client_keeps_its_version_while_shares_stay(town: Town) -> None:
    """By its API key, of which nothing is written down."""
    spec = service(town)
    spec["traffic"] = {"sticky": "api-key"}
    spec["release"]["canary"] = {**POLICY, "steps": ["50%", "100%"], "pace": "2m"}
    spec["environment"]["ERRORS"] = "0"
    town.declare({"llm": spec})
    town.up()
    keys = ["sk-" + f"alice-{number}" for number in range(40)]
    with town.begin("deploy", "llm", "--set", "environment.ROUND=1") as release:
        # a share is written down before the router has confirmed it
        until(lambda: "v2" in {_version(town, f"bob-{number}") for number in range(9)}, "the canary answers somebody")
        seen = {key: {_version(town, key) for _ in range(5)} for key in keys}
        town.fairlead("abort", "llm")
        release.communicate(timeout=60)
    assert [key for key, versions in seen.items() if len(versions) != 1] == []
    assert set().union(*seen.values()) == {"v1", "v2"}
    logs = town.fairlead("logs", "router", "--tail", "1000").text
    assert not [key for key in keys if key in logs]


def _version(town: Town, key: str) -> str:
    answer = httpx.get(f"{town.url}/llm/", headers={"x-api-key": key}, trust_env=False, timeout=30)
    return answer.headers["x-version"]


@pytest.mark.timeout(120)
def test_a_shadow_answers_nobody_and_is_compared_all_the_same(town: Town) -> None:
    """It fails half of its copies: no client notices, and it never gets a request of its own."""
    spec = service(town)
    spec["environment"]["ERRORS"] = "0"
    spec["release"] |= {"strategy": "shadow", "shadow": {"sample": "100%", "limit": "100/s", "pace": "1m"}}
    town.declare({"llm": spec})
    town.up()
    with Load(town.url, plain=PATHS, rate=RATE) as load:
        said = town.fairlead("deploy", "llm", "--set", "environment.FAULT=half", fails=True, within_s=90)
    assert "was taken back" in said.err
    assert {seen.version for seen in load.result.answers} == {"v1"}
    assert load.result.failed == 0, load.result.why


@pytest.mark.timeout(180)
def test_a_decision_can_be_judged_again_offline(town: Town) -> None:
    """From the journal alone, with the same outcome."""
    declare(town)
    with Load(town.url, plain=PATHS, rate=RATE):
        town.fairlead("deploy", "llm", "--set", "environment.FAULT=cost", fails=True, within_s=150)
    release = town.releases("llm")[0]
    town.down()
    said = town.fairlead("judge", "--replay", release["id"])
    assert "roll back" in said.out
    assert "cost" in said.out
