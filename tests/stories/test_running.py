"""A stack in its everyday life: up, scaled, restarted, looked at, and down without a trace."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from bench.load.process import Load
from bench.town import Town, until
from tests.stories.services import PYTHON, web

LOAD: dict[str, list[str] | float] = {"plain": ["/web/"], "stream": ["/web/stream?n=8"], "rate": 60.0, "streams": 4}

PATIENT = """
import os, pathlib, sys, urllib.request
word = urllib.request.urlopen(os.environ["WEB_URL"] + "/").read().decode()
pathlib.Path(os.environ["NOTE_DIR"], "word").write_text(word)
os.chdir("web")
os.environ["MOOD"] = ""
os.execv(sys.executable, [sys.executable, "-u", "web.py"])
"""


def test_what_is_needed_is_ready_before_what_needs_it_starts(town: Town) -> None:
    """Its address is in the environment, and it answers there at the first try."""
    patient = {
        "command": [PYTHON, "-c", PATIENT],
        "ports": {"http": 8000},
        "needs": ["web"],
        "volumes": {"note": {}},
    }
    town.declare({"patient": patient, "web": web(environment={"WORD": "hello"})})
    town.up()
    assert (town.state / "data/patient/note/word").read_text() == "v1 hello\n"
    assert town.instances("patient")[0]["restarts"] == 0


def test_up_prints_where_everything_is_and_each_address_answers(town: Town) -> None:
    """The public ones; and the lines to try are true."""
    town.declare({"web": web()})
    said = town.up()
    assert f"{town.url}/web" in said.out
    assert town.get("/web").status_code == 200


def test_up_a_second_time_applies_the_difference(town: Town) -> None:
    """A changed service is released, a new one started, one that is gone is stopped, the rest left alone."""
    town.declare({"same": web("same"), "changed": web("changed"), "gone": web("gone")})
    town.up()
    before = town.processes()
    town.declare({"same": web("same"), "changed": web("changed", environment={"WORD": "new"}), "fresh": web("fresh")})
    town.up()
    after = town.processes()
    assert set(after.values()) == {"same-v1-1", "changed-v2-1", "fresh-v1-1", "router-envoy"}
    assert {pid for pid, name in before.items() if name in ("same-v1-1", "router-envoy")} <= set(after)
    assert town.get("/changed/").text == "v2 new\n"
    assert town.get("/gone/").status_code == 404
    assert "nothing had to change" in town.up().out


def test_scaling_up_and_down_under_load_loses_no_request(town: Town) -> None:
    """An instance that goes is drained first."""
    town.declare({"web": web()})
    town.up()
    with Load(town.url, **LOAD) as load:
        for count in (3, 1, 2):
            town.fairlead("scale", f"web={count}")
            assert [one["state"] for one in town.instances("web")] == ["ready"] * count
    assert load.result.failed + load.result.cut == 0, load.result.why


def test_a_restart_under_load_loses_no_request(town: Town) -> None:
    """Each instance is replaced by a fresh one."""
    town.declare({"web": web(scale=2)})
    town.up()
    before = {one["pid"] for one in town.instances("web")}
    with Load(town.url, **LOAD) as load:
        town.fairlead("restart", "web")
    after = {one["pid"] for one in town.instances("web")}
    assert len(after) == 2
    assert not before & after
    assert load.result.failed + load.result.cut == 0, load.result.why


def test_a_program_that_ends_is_started_again(town: Town) -> None:
    """And the status tells how often."""
    town.declare({"web": web(restart={"backoff": "50ms"})})
    town.up()
    os.kill(town.instances("web")[0]["pid"], signal.SIGTERM)
    until(lambda: town.instances("web")[0]["restarts"] == 1 and town.service("web")["state"] == "ready", "it is back")
    assert town.get("/web/").status_code == 200


def test_a_program_that_runs_but_is_not_alive_is_restarted(town: Town) -> None:
    """Its liveness probe says so."""
    liveness = {"http": "/health", "every": "100ms", "failures": 2}
    town.declare({"web": web(probes={"liveness": liveness}, restart={"backoff": "50ms"}, volumes={"data": {}})})
    town.up()
    sick = town.state / "data/web/data/sick"
    sick.touch()
    until(lambda: town.instances("web")[0]["restarts"] > 0, "it has been restarted")
    sick.unlink()
    until(lambda: town.service("web")["state"] == "ready", "it is well again")


def test_a_program_that_keeps_crashing_says_why(town: Town) -> None:
    """`up` fails with its last lines, and the status shows them."""
    town.declare({"web": web(mood="crashes", restart={"backoff": "20ms", "crash_loop": 3})})
    said = town.fairlead("up", fails=True)
    assert "ended 3 times in a row" in said.err
    assert "no model file: weights.bin" in said.err


def test_logs_go_on_across_a_release(town: Town) -> None:
    """`logs -f` shows the lines of the old version and then those of the new one."""
    town.declare({"web": web()})
    town.up()
    with town.begin("logs", "-f", "--json", "web") as logs:
        assert logs.stdout
        assert json.loads(logs.stdout.readline())["text"] == "v1 begins"
        town.fairlead("deploy", "web", "--set", "environment.WORD=new")
        said = (json.loads(line) for line in logs.stdout)  # a probe that is cut off may have something to say, too
        record = next(one for one in said if one["text"].endswith(" begins"))
        logs.send_signal(signal.SIGINT)
        logs.communicate(timeout=10)
    assert (record["text"], record["version"], record["instance"]) == ("v2 begins", "v2", "web-v2-1")


def test_exec_runs_a_command_in_the_surroundings_of_a_service(town: Town) -> None:
    """With its environment, in its directory; the exit code is the command's own."""
    town.declare({"web": web(environment={"WORD": "inside"})})
    town.up()
    said = town.fairlead("exec", "web", "--", "sh", "-c", "echo $WORD $FAIRLEAD_VERSION; ls web.py; exit 7", fails=True)
    assert said.code == 7
    assert said.out.split() == ["inside", "v1", "web.py"]


def test_status_is_a_table_for_people_and_json_for_programs(town: Town) -> None:
    """Both tell the same."""
    town.declare({"web": web(scale=2)})
    town.up()
    found = json.loads(town.fairlead("status", "--json").out)
    assert [(one["name"], one["state"]) for one in found["services"]] == [("web", "ready")]
    assert "2/2" in town.fairlead("status").out


def test_down_leaves_no_process_behind_and_keeps_data(town: Town) -> None:
    """Children that programs have put into sessions of their own included."""
    town.declare({"web": web(mood="forks", volumes={"data": {}})})
    town.up()
    note = Path(town.state / "data/web/data/note")
    note.write_text("kept")
    daemon = town.daemon
    town.down()
    assert (town.processes(), town.shims(), town.daemon) == ({}, {}, None)
    assert daemon is not None
    assert note.read_text() == "kept"
    town.up()
    assert town.get("/web/").status_code == 200


def test_down_of_one_service_leaves_the_others(town: Town) -> None:
    """Until the last one goes."""
    town.declare({"one": web("one"), "two": web("two")})
    town.up()
    town.fairlead("down", "one")
    assert town.get("/two/").status_code == 200
    assert set(town.processes().values()) == {"two-v1-1", "router-envoy"}
