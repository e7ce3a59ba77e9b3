"""A configuration becomes a table, or a list of everything that is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.apps.hub.routes.tables import ENVIRON, provider, table

from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.routes.standing import Standing
from fairlead.apps.hub.routes.table import MOST_DIRECT


def test_all_that_is_wrong_is_told_at_once() -> None:
    """With what was probably meant."""
    with pytest.raises(Misconfigured) as caught:
        table(
            {
                "providers": {
                    "one": provider("MISSING"),
                    "two": {"kind": "opennai"},
                    "three": provider("ONE", url="ftp://there"),
                    "azure": {"keys": [{"env": "ONE"}]},
                },
                "models": {"m": "oen/m", "n": {"targets": []}, "o": {"targets": ["one/m"], "fallbacks": ["nobody/m"]}},
                "keys": {"k": {"sha256": "0" * 64, "team": "blu"}},
                "teams": {"blue": {}},
            }
        )
    told = "\n".join(caught.value.problems)

    assert "providers.one: the variable MISSING is not set" in told
    assert "providers.two: unknown provider: opennai (did you mean `openai`?)" in told
    assert "providers.three.url: should be http(s)://" in told
    assert "providers.azure.settings." in told
    assert "models.m.targets[0]: unknown provider oen (did you mean `one`?)" in told
    assert "models.n.targets: names nobody who answers" in told
    assert "models.o.fallbacks[0]: unknown provider nobody" in told
    assert "keys.k.team: unknown team blu (did you mean `blue`?)" in told


def test_no_problem_tells_a_key() -> None:
    """Nor does the repr of anything compiled."""
    made = table({"providers": {"one": provider("ONE")}, "models": {"m": "one/m"}})

    assert ENVIRON["ONE"] not in repr(made.hosts["one"].lanes[0].login)
    with pytest.raises(Misconfigured) as caught:
        table({"providers": {"one": provider("ONE")}, "models": {"m": "two/m"}})
    assert ENVIRON["ONE"] not in str(caught.value)


def test_a_model_is_found_by_its_name_or_as_that_of_a_provider() -> None:
    """A name in the file goes before; an unknown one is nobody's."""
    made = table({"providers": {"one": provider("ONE")}, "models": {"m": "one/x", "one/y": "one/z"}})

    assert [target.name for target in found(made, "m").targets] == ["one/x"]
    assert [target.name for target in found(made, "one/y").targets] == ["one/z"]
    assert [target.name for target in found(made, "one/a/b:c").targets] == ["one/a/b:c"]
    assert made.find("x", {}, ()) is None
    assert made.find("two/x", {}, ()) is None
    assert made.find("one/", {}, ()) is None


def found(made: Any, model: str, headers: Any = None, tags: Any = ()) -> Any:
    """The route of a request."""
    route = made.find(model, headers or {}, tags)
    assert route is not None
    return route


def test_of_several_routes_of_a_model_the_first_that_takes_the_request_is_it() -> None:
    """By header, by tag, and else the one that asks for nothing."""
    made = table(
        {
            "providers": {"one": provider("ONE")},
            "models": {
                "m#beta": {"targets": ["one/beta"], "headers": {"X-Beta": "yes"}},
                "m#gold": {"targets": ["one/gold"], "tags": ["gold", "silver"]},
                "m": "one/usual",
            },
        }
    )

    assert found(made, "m").targets[0].model == "usual"
    assert found(made, "m", {b"x-beta": b"no"}).targets[0].model == "usual"
    assert found(made, "m", {b"x-beta": b"yes"}, {"gold"}).targets[0].model == "beta"
    assert found(made, "m", {}, {"silver", "other"}).targets[0].model == "gold"
    assert made.names() == ["m"]


def test_clients_can_not_fill_memory_with_names() -> None:
    """Routes of models that only a request has named are bounded."""
    made = table({"providers": {"one": provider("ONE")}})
    for number in range(MOST_DIRECT + 500):
        found(made, f"one/{number}")

    assert len(made._direct) == MOST_DIRECT


def test_what_stays_the_same_keeps_its_state_over_a_reload() -> None:
    """Connections, breakers and paces; what changed begins anew, what is gone is closed."""
    standing = Standing(lambda: 0.0)
    said: dict[str, Any] = {
        "providers": {"one": provider("ONE", "TWO"), "two": provider("ONE", url="http://127.0.0.2:9/v1")},
        "models": {"m": ["one/a", "two/b"]},
    }
    before = table(said, standing)
    said["providers"]["one"]["keys"] = [{"env": "THREE"}, {"env": "ONE", "weight": 5}]
    said["models"]["m"] = ["one/a", "one/c"]
    del said["providers"]["two"]
    after = table(said, standing)
    old, new = before.hosts["one"], after.hosts["one"]

    assert new.pool is old.pool
    assert new.lanes[1].breaker is old.lanes[0].breaker
    assert new.lanes[0].breaker is not old.lanes[1].breaker
    assert found(after, "m").targets[0].pace is found(before, "m").targets[0].pace
    assert [pool.where for pool in standing.pools()] == [("127.0.0.1", 9)]


def test_a_file_that_is_refused_changes_nothing() -> None:
    """What stands is what stood."""
    standing = Standing(lambda: 0.0)
    said: dict[str, Any] = {"providers": {"one": provider("ONE")}, "models": {"m": "one/a"}}
    before = table(said, standing)
    with pytest.raises(Misconfigured):
        table({"providers": {"two": provider("MISSING")}, "models": {"m": "two/a"}}, standing)
    after = table(said, standing)

    assert after.hosts["one"].pool is before.hosts["one"].pool
    assert after.hosts["one"].lanes[0].breaker is before.hosts["one"].lanes[0].breaker


def test_another_value_of_a_key_is_another_key() -> None:
    """A new secret does not rest because the old one was refused."""
    standing = Standing(lambda: 0.0)
    said: dict[str, Any] = {"providers": {"one": provider("ONE")}}
    before = table(said, standing)
    ENVIRON["ONE"], kept = "made-" + "up-anew", ENVIRON["ONE"]
    try:
        after = table(said, standing)
    finally:
        ENVIRON["ONE"] = kept

    assert after.hosts["one"].lanes[0].breaker is not before.hosts["one"].lanes[0].breaker
