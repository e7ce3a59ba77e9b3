"""New versions get in while requests come: no request is lost, whether the version is good or bad."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
from bench.load.process import Load
from bench.town import Town, until
from tests.stories.services import web

LOAD: dict[str, list[str] | float] = {"plain": ["/web/"], "stream": ["/web/stream?n=8"], "rate": 60.0, "streams": 4}


@pytest.mark.parametrize(
    ("strategy", "replicas", "releases"), [("blue-green", 1, 3), ("rolling", 3, 2), ("rolling", 1, 1)]
)
def test_a_release_under_load_loses_no_request(town: Town, strategy: str, replicas: int, releases: int) -> None:
    """Each version answers in turn, and every stream gets its last event."""
    town.declare({"web": web(scale=replicas, release={"strategy": strategy})})
    town.up()
    with Load(town.url, **LOAD) as load:
        for number in range(releases):
            town.fairlead("deploy", "web", "--set", f"environment.WORD={number}")
        assert town.shares("web") == {f"v{releases + 1}": 100.0}
    assert load.result.failed + load.result.cut == 0, load.result.why
    assert {seen.version for seen in load.result.answers} == {f"v{number + 1}" for number in range(releases + 1)}


def test_a_stream_under_way_ends_on_the_version_it_began_on(town: Town) -> None:
    """It is let finish, while new requests are on the new version already."""
    town.declare({"web": web()})
    town.up()
    with httpx.stream("GET", f"{town.url}/web/stream?n=25", trust_env=False, timeout=30) as stream:
        lines = stream.iter_lines()
        first = next(lines)
        town.fairlead("deploy", "web", "--set", "environment.WORD=new", "--detach")
        until(lambda: town.get("/web/").headers["x-version"] == "v2", "v2 answers")
        rest = list(lines)
    assert (stream.headers["x-version"], first) == ("v1", "data: 0")
    assert "data: [DONE]" in rest
    until(lambda: town.releases("web")[0]["state"] == "succeeded", "the release ends")


@pytest.mark.parametrize(
    ("mood", "why"),
    [
        ("sick", "not ready within 2 s: GET /health answered 503"),
        ("crashes", "no model file: weights.bin"),
    ],
)
def test_a_version_that_does_not_start_leaves_the_old_one_serving_and_says_why(town: Town, mood: str, why: str) -> None:
    """No request ever reaches it, and its last words are in the error."""
    town.declare({"web": web(release={"ready_within": "2s"}, restart={"backoff": "50ms", "crash_loop": 3})})
    town.up()
    with Load(town.url, **LOAD) as load:
        said = town.fairlead("deploy", "web", "--set", f"environment.MOOD={mood}", fails=True)
    assert why in said.err
    assert town.shares("web") == {"v1": 100.0}
    assert town.releases("web")[0]["state"] == "taken back"
    assert {seen.version for seen in load.result.answers} == {"v1"}
    assert load.result.failed + load.result.cut == 0, load.result.why


def test_a_version_that_dies_while_it_is_watched_is_taken_back(town: Town) -> None:
    """The old version runs until the watch is over, so going back is one change of the router."""
    town.declare({"web": web(release={"watch": "20s"})})
    town.up()
    said = town.fairlead("deploy", "web", "--set", "environment.MOOD=dies", fails=True)
    assert "was taken back, v1 serves all requests" in said.err
    assert town.shares("web") == {"v1": 100.0}
    assert {one["id"] for one in town.instances("web")} == {"web-v1-1"}
    assert {town.get("/web/").headers["x-version"] for _ in range(10)} == {"v1"}


def test_a_failing_hook_stops_the_release_before_any_request_moves(town: Town) -> None:
    """It runs in the surroundings of the new version; its output is shown."""
    hook = {"command": ["sh", "-c", "echo asked $FAIRLEAD_VERSION on $PORT; exit 4"], "timeout": "5s"}
    town.declare({"web": web()})
    town.up()
    town.declare({"web": web(release={"hooks": {"before": [hook]}})})
    with Load(town.url, **LOAD) as load:
        said = town.fairlead("deploy", "web", "--set", "environment.WORD=new", fails=True)
    assert "before-1: exited with 4" in said.err
    assert re.search(r"asked v2 on \d{4}", said.text)
    assert {seen.version for seen in load.result.answers} == {"v1"}
    assert load.result.failed + load.result.cut == 0, load.result.why


def test_a_hook_that_hangs_is_ended_at_its_limit(town: Town) -> None:
    """And nothing of it is left."""
    hook = {"command": ["sh", "-c", "sleep 3600 & sleep 3600"], "timeout": "500ms"}
    town.declare({"web": web()})
    town.up()
    town.declare({"web": web(release={"hooks": {"after": [hook]}})})
    said = town.fairlead("deploy", "web", "--set", "environment.WORD=new", fails=True)
    assert "after-1: did not end within 0.5 s" in said.err
    assert town.shares("web") == {"v1": 100.0}
    assert set(town.processes().values()) == {"web-v1-1", "router-envoy"}


def test_a_migration_that_is_taken_back_runs_its_way_down(town: Town) -> None:
    """Up before the new version starts, down when it does not get ready."""
    migration = {"up": ["sh", "-c", "echo up >>$DATA_DIR/done"], "down": ["sh", "-c", "echo down >>$DATA_DIR/done"]}
    town.declare({"web": web(volumes={"data": {}})})
    town.up()
    town.declare({"web": web(mood="sick", release={"migrate": migration, "ready_within": "1s"}, volumes={"data": {}})})
    town.fairlead("deploy", "web", fails=True)
    assert (town.state / "data/web/data/done").read_text() == "up\ndown\n"
    assert town.shares("web") == {"v1": 100.0}


def test_recreate_never_runs_two_versions_together(town: Town) -> None:
    """For a program that holds a lock on its data."""
    town.declare({"web": web(mood="alone", volumes={"data": {}}, release={"strategy": "recreate"})})
    town.up()
    town.fairlead("deploy", "web", "--set", "environment.WORD=new")
    assert town.get("/web/").text == "v2 new\n"
    assert {one["id"]: one["restarts"] for one in town.instances("web")} == {"web-v2-1": 0}


def test_a_dry_run_tells_the_steps_and_changes_nothing(town: Town) -> None:
    """Neither a version nor a release is made."""
    town.declare({"web": web()})
    town.up()
    said = town.fairlead("deploy", "web", "--set", "environment.WORD=new", "--dry-run")
    assert "all requests to v2" in said.out
    assert [release["to"] for release in town.releases("web")] == ["v1"]


def test_what_has_not_changed_is_not_released(town: Town) -> None:
    """The version that serves keeps its processes."""
    town.declare({"web": web()})
    town.up()
    before = town.processes()
    said = town.fairlead("deploy", "web")
    assert "nothing to release: v1 runs exactly this" in said.text
    assert town.processes() == before


def test_two_releases_of_one_service_do_not_mix(town: Town) -> None:
    """The second is refused while the first is under way."""
    town.declare({"web": web(release={"watch": "3s"})})
    town.up()
    with town.begin("deploy", "web", "--set", "environment.WORD=first") as first:
        until(lambda: town.releases("web")[0]["to"] == "v2", "the first has begun")
        said = town.fairlead("deploy", "web", "--set", "environment.WORD=second", fails=True)
        first.communicate(timeout=30)
    assert (said.code, first.returncode) == (10, 0)
    assert "web: a release is under way" in said.err


def test_a_version_is_its_files_as_they_were(town: Town) -> None:
    """A change of the directory reaches nobody until it is released; going back brings the old files back."""
    word = Path(town.folder / "web/word.txt")
    word.write_text("old")
    town.declare({"web": web()})
    town.up()
    word.write_text("new")
    assert town.get("/web/word").text == "old"
    town.fairlead("deploy", "web")
    assert town.get("/web/word").text == "new"
    town.fairlead("rollback", "web")
    assert town.get("/web/word").text == "old"


def test_history_tells_who_released_what_when_from_what_with_what_outcome(town: Town) -> None:
    """As JSON too."""
    town.declare({"web": web(release={"ready_within": "6s"})})
    town.up()
    town.fairlead("deploy", "web", "--set", "environment.MOOD=sick", fails=True)
    newest, first = json.loads(town.fairlead("history", "--json").out)["releases"]
    assert (first["from"], first["to"], first["state"], first["kind"]) == (None, "v1", "succeeded", "up")
    assert (newest["from"], newest["to"], newest["state"], newest["kind"]) == ("v1", "v2", "taken back", "deploy")
    assert "@" in newest["who"]
    assert newest["began"] < newest["ended"]


def test_rollback_to_a_warm_version_starts_nothing_and_loses_no_request(town: Town) -> None:
    """One change of the router: the processes are those that ran before."""
    town.declare({"web": web(release={"keep_warm": "1h"})})
    town.up()
    town.fairlead("deploy", "web", "--set", "environment.WORD=new")
    before = town.processes()
    with Load(town.url, **LOAD) as load:
        town.fairlead("rollback", "web")
        assert town.shares("web") == {"v1": 100.0}
        town.fairlead("rollback", "web", "--to", "v2")
        assert town.shares("web") == {"v2": 100.0}
    assert town.processes() == before
    assert load.result.failed + load.result.cut == 0, load.result.why


def test_rollback_to_a_version_that_was_stopped_starts_it_again_and_loses_no_request(town: Town) -> None:
    """It gets the requests when it is ready."""
    town.declare({"web": web()})
    town.up()
    town.fairlead("deploy", "web", "--set", "environment.WORD=new")
    assert {one["id"] for one in town.instances("web")} == {"web-v2-1"}
    with Load(town.url, **LOAD) as load:
        town.fairlead("rollback", "web")
    assert town.shares("web") == {"v1": 100.0}
    assert load.result.failed + load.result.cut == 0, load.result.why


def test_a_version_kept_warm_is_stopped_when_its_time_is_over(town: Town) -> None:
    """Its instances go without anybody asking."""
    town.declare({"web": web(release={"keep_warm": "1s"})})
    town.up()
    town.fairlead("deploy", "web", "--set", "environment.WORD=new")
    until(lambda: {one["id"] for one in town.instances("web")} == {"web-v2-1"}, "v1 has been stopped")
