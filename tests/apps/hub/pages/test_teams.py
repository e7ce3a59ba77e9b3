"""Teams and budgets over HTTP."""

from __future__ import annotations

from typing import Any

from .conftest import SAID, Starts, until

TEAM = {"limits": [{"requests": "3/h"}, {"usd": 5, "per": "day"}]}


async def test_keys_of_a_team_share_its_limits(starts: Starts) -> None:
    """Also when the limits change, and on another hub."""
    one, other = await starts(), await starts(name="other")
    assert (await one.admin.put("/admin/teams/blue", json=TEAM)).json() == {
        "limits": [{"requests": "3/h"}, {"usd": 5.0, "per": "day"}], "name": "blue", "source": "store",
    }  # fmt: skip
    keys = [await one.makes(name, team="blue") for name in ("bob", "eve")]
    assert [(await one.asks(key)).status_code for key in (*keys, *keys)] == [200, 200, 200, 429]
    await one.admin.put("/admin/teams/blue", json={"limits": [{"requests": "5/h"}]})

    async def is_larger() -> bool:
        return (await other.asks(keys[1])).status_code == 200

    await until(is_larger)
    used = await one.tells("/admin/budgets", team="blue")
    assert [(one["name"], one["measure"], one["limit"]) for one in used["budgets"]] == [("blue", "requests", 5)]


async def test_budgets_tell_what_is_used_and_left(starts: Starts) -> None:
    """By all hubs together, each limit on its own."""
    one, other = await starts(), await starts(name="other")
    key = await one.makes("bob", limits=[{"requests": "10/h", "usd": 1, "per": "ever", "concurrent": 2}])
    await one.asks(key)

    async def known() -> bool:
        return (await other.asks(key)).status_code == 200

    await until(known)

    async def told() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await one.tells("/admin/budgets", key="bob"))["budgets"]
        return found

    async def stated() -> bool:
        return any(one["used"] == 2 for one in await told())

    await until(stated)
    by = {one["measure"]: one for one in await told()}
    assert (by["requests"]["left"], by["requests"]["limit"], by["requests"]["per"]) == (8, 10, "1h")
    assert by["requests"]["ends"] is not None
    assert (by["usd"]["left"], by["usd"]["ends"]) == (1, None)
    assert (by["concurrent"]["limit"], by["concurrent"]["used"]) == (2, None)
    assert (await one.tells("/admin/budgets", key="nobody")) == {"budgets": []}


async def test_a_team_has_to_be_there_and_can_not_be_taken_from_its_keys(starts: Starts) -> None:
    """A key without its team would be without its limits."""
    running = await starts()
    told = await running.admin.post("/admin/keys", json={"name": "bob", "team": "blue"})
    assert told.status_code == 400
    assert "team: unknown team blue" in told.json()["error"]["problems"][0]
    await running.admin.put("/admin/teams/blue", json=TEAM)
    await running.makes("bob", team="blue")
    told = await running.admin.delete("/admin/teams/blue")
    assert (told.status_code, told.json()["error"]["message"]) == (409, "the team blue has 1 keys: bob")
    await running.admin.patch("/admin/keys/bob", json={"team": None})
    assert (await running.admin.delete("/admin/teams/blue")).status_code == 200
    assert (await running.tells("/admin/teams")) == {"teams": []}
    told = await running.admin.put("/admin/teams/blue", json={"limits": [{"usd": -1}], "limit": 1})
    assert len(told.json()["error"]["problems"]) == 2


async def test_a_key_whose_team_has_gone_from_the_configuration_is_kept_out(starts: Starts) -> None:
    """Until the team is back."""
    with_team = SAID + "teams: {red: {limits: [{requests: 9/h}]}}\n"
    running = await starts(with_team)
    key = await running.makes("bob", team="red")
    assert (await running.tells("/admin/teams/red"))["source"] == "configuration"
    assert (await running.admin.put("/admin/teams/red", json=TEAM)).status_code == 409
    for said, status in ((SAID, 403), (with_team, 200)):
        running.file.write_text(said)
        assert (await running.admin.post("/admin/reload")).status_code == 200
        assert (await running.asks(key)).status_code == status
