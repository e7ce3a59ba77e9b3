"""The hub in a stack: its versions come and go under streams, and its instances keep one account."""

from __future__ import annotations

import json
from collections import Counter

import httpx
import pytest
from bench import hub_service
from bench.load.process import Load
from bench.town import Town, until

ALLOWED = 12
RATE = f"{ALLOWED}/36500d"
"""Windows begin at round times: no hour, and no day, may end amid the story."""

QUICK = {"steps": ["30%", "100%"], "pace": "3s", "warm_up": "1s"}


@pytest.mark.timeout(300)
def test_a_canary_of_the_hub_is_judged_by_what_its_answers_cost_and_no_stream_is_cut(town: Town) -> None:
    """A good version gets in; one whose answers are three times as dear is taken back, and that is why."""
    spec = hub_service.service(town)
    spec["release"]["canary"] |= QUICK
    town.declare({"hub": spec})
    town.up()
    with Load(town.url, **hub_service.load()) as load:
        good = hub_service.deploy(town, "", 1)
        dear = hub_service.deploy(town, "cost", 2)
    assert (good.state, dear.state) == ("succeeded", "taken back"), (good, dear)
    assert "cost" in dear.reason
    assert town.shares("hub") == {"v2": 100.0}
    assert load.result.count("streams whole") > 100
    assert (load.result.failed, load.result.cut) == (0, 0), load.result.why


@pytest.mark.needs_redis
@pytest.mark.timeout(180)
def test_two_instances_and_the_next_version_keep_one_account(town: Town) -> None:
    """A key made beside them is known to all; its limit holds for all of them together, and beyond a release."""
    hub = {"uses": "hub", "scale": 2, "needs": ["cache"], "expose": [{"path": "/v1"}]}
    hub |= {"release": {"watch": "300ms", "keep_warm": "0s"}}
    town.declare({"hub": hub}, stores={"cache": {"kind": "redis"}})
    town.up()
    make = ["exec", "hub", "--", town.python, "-P", "-m", "fairlead", "hub", "keys", "create", "alice"]
    key = town.fairlead(*make, "--requests", RATE).out.split()[0]
    assert _asked(town, "") == 401
    until(lambda: {_asked(town, key, "models") for _ in range(12)} == {200}, "both instances know the key")

    before = Counter(_asked(town, key) for _ in range(ALLOWED + 8))
    town.declare({"hub": {**hub, "environment": {"ROUND": "1"}}}, stores={"cache": {"kind": "redis"}})
    town.fairlead("deploy", "hub")
    after = Counter(_asked(town, key) for _ in range(4))

    assert before == {200: ALLOWED, 429: 8}
    assert after == {429: 4}


@pytest.mark.only_on("process")
def test_a_wrong_key_of_its_configuration_is_refused_before_anything_is_touched(town: Town) -> None:
    """With its line in the stack file, and what was meant; the guard's, too."""
    town.declare({"hub": {"uses": "hub", "with": {"opn": True}}, "guard": {"uses": "guard", "with": {"ratee": "5/s"}}})
    lines = town.file.read_text().splitlines()
    for command in ("check", "up"):
        said = town.fairlead(command, fails=True)
        assert said.code == 3
        for where, meant in (("hub.with.opn", "open"), ("guard.with.ratee", "rate")):
            key = where.rpartition(".")[2]
            line = next(n for n, text in enumerate(lines, 1) if f'"{key}"' in text)
            told = f"fairlead.yaml:{line}: services.{where}: unknown key\nhint: did you mean `{meant}`?"
            assert told in said.err


def _asked(town: Town, key: str, what: str = "chat/completions") -> int:
    """The status of a question to the hub."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    body = {"model": "echo/echo", "messages": [{"role": "user", "content": "hi"}]}
    method, content = ("GET", None) if what == "models" else ("POST", json.dumps(body))
    asked = httpx.request(
        method, f"{town.url}/v1/{what}", content=content, headers=headers, timeout=30, trust_env=False
    )
    return asked.status_code
