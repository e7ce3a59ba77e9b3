"""Programs that behave badly are survived, with nothing lost but what they lose themselves."""

from __future__ import annotations

from bench.town import Town
from tests.stories.services import web

DEAF = {"signal": "SIGTERM", "grace": "500ms"}


def test_a_program_that_ignores_sigterm_is_killed_after_its_grace(town: Town) -> None:
    """In a release as in `down`."""
    town.declare({"web": web(mood="deaf", stop=DEAF)})
    town.up()
    town.fairlead("deploy", "web", "--set", "environment.WORD=new")
    assert set(town.processes().values()) == {"web-v2-1", "router-envoy"}
    town.down()
    assert town.processes() == {}


def test_children_of_a_program_go_with_it(town: Town) -> None:
    """Even those in a session of their own."""
    town.declare({"web": web(mood="forks")})
    town.up()
    assert list(town.processes().values()).count("web-v1-1") == 3
    town.fairlead("deploy", "web", "--set", "environment.MOOD=")
    assert sorted(town.processes().values()) == ["router-envoy", "web-v2-1"]


def test_a_program_that_floods_its_log_fills_no_disk_and_stops_nobody(town: Town) -> None:
    """What is kept is bounded; others answer, and it can be released and stopped."""
    town.declare({"flood": web("flood", mood="floods", logs={"max_size": "200k", "keep": 2}), "web": web()})
    town.up()
    for _ in range(30):
        assert town.get("/web/").status_code == 200
        assert town.get("/flood/").status_code == 200
    assert sum(file.stat().st_size for file in town.log_files("flood-v1-1")) < 5 * 200_000
    town.fairlead("deploy", "flood", "--set", "environment.MOOD=")
    assert town.get("/flood/").status_code == 200


def test_a_program_that_dies_early_and_often_harms_no_other(town: Town) -> None:
    """It is restarted with growing pauses; the rest of the stack does not notice."""
    town.declare({"sick": web("sick", mood="dies", restart={"backoff": "50ms"}), "web": web()})
    town.up()
    before = town.instances("web")[0]["pid"]
    for _ in range(20):
        assert town.get("/web/").status_code == 200
    assert town.instances("web")[0]["pid"] == before
