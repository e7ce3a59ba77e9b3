"""A release under judgement as it is shown: in a picture, in a line, and in what a person can say to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
import pytest

from fairlead.cli.output.judgement import foretold, judgement_line, judgement_lines, minutes
from fairlead.cli.output.progress import Plain
from fairlead.cli.output.releases import whole
from fairlead.cli.output.replay import replay_lines
from fairlead.cli.output.status import status_lines
from fairlead.engine.plan import Plan, ServiceChange

from .conftest import Fairlead
from .facts import NOW, indicator, judging, release, service, status, version
from .faking import FakeDaemon, event


def picture(found: dict[str, Any], width: int | None = 80) -> str:
    """Without colours."""
    return click.unstyle("\n".join(judgement_lines(found, now=NOW, width=width)))


def test_the_picture_has_the_share_the_evidence_and_what_can_be_done() -> None:
    """In eighty columns; a bar is never full before it is."""
    found = judging(
        indicators=[
            indicator("errors", worse=0.31, within=0.999),
            indicator("latency", within=1.0, ratio=0.93),
            indicator("cost", within=0.0, ratio=None, silent="no answer from its source"),
        ]
    )

    assert (
        picture(found)
        == """\
hub: v2 beside v1 (r12, canary, 4m 12s)
25% of the requests to v2 (next 50%); v1 answered 3,120, v2 answered 1,043
INDICATOR  TO TAKE BACK                   TO PROMOTE                     RATIO
errors     ███████░░░░░░░░░░░░░░░░░  31%  ███████████████████████░  99%   1.04
latency    ░░░░░░░░░░░░░░░░░░░░░░░░   0%  ████████████████████████ 100%   0.93
cost       ░░░░░░░░░░░░░░░░░░░░░░░░   0%  ░░░░░░░░░░░░░░░░░░░░░░░░   0%      -
cost: no evidence: no answer from its source
about 12 min to a verdict at this share and 21 requests/s
without one in 3h 49m it is held
by hand: fairlead promote hub, abort hub, pause hub"""
    )


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_picture_fits(width: int) -> None:
    """Long names leave less room for the bars; what does not fit is cut."""
    found = judging(
        indicators=[
            indicator("time-to-first-token"),
            indicator(
                "cost", silent="the server of `canary.prometheus` did not answer within 5 s, and " + "so on " * 9
            ),
        ]
    )
    assert max(map(len, picture(found, width).splitlines()[2:])) <= width


def test_a_pause_is_shown_with_the_way_out_of_it() -> None:
    """And who made it."""
    shown = picture(judging(paused="alice@host")).splitlines()
    assert shown[-4] == "paused by alice@host; still taken back if it is bad"
    assert shown[-1] == "by hand: fairlead promote hub, abort hub, resume hub"


def test_before_the_first_look_there_is_little_to_see() -> None:
    """The share, and the words by hand."""
    first = judging(indicators=[], requests={}, requests_per_s=0.0, waits="nothing seen yet", deadline=None)
    assert (
        picture(first)
        == """\
hub: v2 beside v1 (r12, canary, 4m 12s)
25% of the requests to v2 (next 50%)
nothing moves: nothing seen yet
by hand: fairlead promote hub, abort hub, pause hub"""
    )


def test_copies_are_not_called_requests() -> None:
    """A shadow holds no share."""
    assert "copies of 10% of the requests to v2" in picture(judging(mirrored=True, share=10.0))


def test_no_requests_are_no_forecast() -> None:
    """A verdict needs some."""
    assert "no requests: no verdict without any" in picture(judging(requests_per_s=0.0, seconds_left=None))
    assert "time to a verdict not known yet, at this share and 0.4 requests/s" in picture(
        judging(requests_per_s=0.4, seconds_left=None)
    )


@pytest.mark.parametrize(
    ("at", "words"),
    [("hold", "past its deadline: it is held"), ("ask", "past its deadline: you are asked")],
)
def test_what_happens_at_the_deadline_is_said(at: str, words: str) -> None:
    """Before and after it."""
    assert words in picture(judging(deadline=NOW - 1, at_deadline=at))
    assert "without one in 3h 49m it is taken back" in picture(judging(at_deadline="roll back"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (40, "40 s"), (720, "12 min"), (10_000, "3 h"), (200_000, "2 days"), (1e8, "60 days or more")],
)
def test_a_forecast_is_as_rough_as_it_is_known(seconds: float, text: str) -> None:
    """Seconds of hours would be a claim."""
    assert minutes(seconds) == text


def test_one_line_says_what_matters_most() -> None:
    """Silence first, then what speaks against it, else the time that is left."""
    begin = "25% of the requests to v2 (next 50%) for 4m 12s; v1 answered 3,120, v2 answered 1,043; "
    left = "about 12 min to a verdict at this share and 21 requests/s"
    assert judgement_line(judging(), now=NOW) == begin + left
    bad = judging(indicators=[indicator("errors", worse=0.4), indicator("cost", worse=0.2)])
    assert judgement_line(bad, now=NOW) == f"{begin}errors 40% of the way to taking it back; {left}"
    silent = judging(indicators=[indicator("cost", silent="no answer")], waits="no evidence from cost (no answer)")
    assert judgement_line(silent, now=NOW) == f"{begin}no evidence from cost (no answer)"


def test_plain_lines_come_when_something_is_news_and_else_every_ten_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A log of an hour stays readable."""
    now = 0.0
    plain = Plain(lambda: now)
    for second in range(25):
        now = float(second)
        share = 5.0 if second < 14 else 25.0
        seen = judging(share=share, requests={"v1": second, "v2": 0})
        plain.event(event("progress", "judging", judging=[seen]))

    told = click.unstyle(capsys.readouterr().err).splitlines()
    assert [line.split("v1 answered ")[1].split(",")[0] for line in told] == ["0", "10", "14", "24"]
    assert all(line.startswith("hub: ") for line in told)


def test_status_shows_each_release_under_judgement_once() -> None:
    """Below the table; services released together share one picture."""
    together = judging(services=["hub", "prompts"])
    running = release(state="running", ended=None)
    found = status(
        service("hub", version("v1", 75), judging=together, release=running),
        service("prompts", version("v1", 75), judging=together, release=running),
    )
    lines = [click.unstyle(line) for line in status_lines(found, now=NOW, width=80)]
    assert sum(line == "hub + prompts: v2 beside v1 (r12, canary, 4m 12s)" for line in lines) == 1
    assert not [line for line in lines if line.startswith("release r12")]


@pytest.mark.parametrize("word", ["promote", "abort", "pause", "resume"])
def test_a_word_by_hand_goes_to_the_daemon_and_comes_back_in_words(
    daemon: FakeDaemon, fairlead: Fairlead, word: str
) -> None:
    """With who said it."""
    daemon.answer(f"/v1/{word}", {"text": "hub: so be it", "release": "r12"})
    found = fairlead(word, "hub", "--release", "r12")
    assert (found.code, found.out) == (0, "hub: so be it\n")
    assert (daemon.last.method, daemon.last.body["service"], daemon.last.body["release"]) == ("POST", "hub", "r12")
    assert "@" in daemon.last.body["who"]


def test_a_word_to_nothing_is_a_usage_error(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """With where to look."""
    refused = {"text": "hub: no release is under way", "hint": "`fairlead history hub` lists those that were"}
    daemon.answer("/v1/promote", refused | {"data": {"code": 2}}, status=400)
    found = fairlead("promote", "hub")
    assert (found.code, found.out) == (2, "")
    assert found.err.splitlines()[0] == "error: hub: no release is under way"


def test_a_release_is_told_whole() -> None:
    """Steps, verdicts, and the numbers of the last one."""
    evidence = {"errors": {"worse_part": 1.0, "within_part": 0.0, "ratio": 4.1, "silent": None}}
    steps = [
        {"seq": 0, "step": "start v2 (1 instance)", "state": "undone", "at": NOW - 60},
        {
            "seq": 1,
            "step": "judge v2 at 5%",
            "state": "done",
            "at": NOW - 50,
            "verdict": "roll back",
            "reason": "worse",
        },
    ]
    found = release(
        strategy="canary", state="taken back", reason="worse in errors", steps=steps, verdict={"evidence": evidence}
    )
    shown = click.unstyle("\n".join(whole(found, now=NOW, width=80)))
    assert "why: worse in errors" in shown
    assert "judge v2 at 5%: roll back" in shown
    assert "start v2 (1 instance) (undone)" in shown
    assert "errors     ████████████████████████ 100%" in shown


def test_history_of_one_release_asks_for_that_one(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """As text or as JSON."""
    daemon.answer("/v1/release", release(reason=None))
    assert fairlead("history", "r12").out.splitlines()[0] == "notes: v1 -> v2 succeeded in 12s (r12)"
    assert json.loads(fairlead("history", "r12", "--json").out)["id"] == "r12"
    assert daemon.last.query == {"id": ["r12"]}


def test_a_replay_shows_what_was_known_when() -> None:
    """And whether anything came of it then."""
    row: dict[str, Any] = {
        "seconds": 30.0,
        "shares": {"hub": 5.0},
        "requests": {"hub": [950, 50]},
        "silent": [],
        "verdict": "hold",
    }
    last = row | {"seconds": 90.0, "silent": ["cost"], "verdict": "roll back"}
    evidence = {"errors": {"worse_part": 1.0, "within_part": 0.0, "ratio": 4.1, "silent": None}}
    found: dict[str, Any] = {"id": "r12", "service": "hub", "from": "v1", "to": "v2", "with": [], "strategy": "canary"}
    found |= {"state": "taken back", "reason": "worse in errors", "margins": {"errors": 2.0}, "timeline": [row, last]}
    found |= {"now": {"verdict": "roll back", "why": "worse in errors", "seconds": 90.0, "evidence": evidence}}

    assert (
        click.unstyle("\n".join(replay_lines(found, width=80)))
        == """\
r12: hub v1 -> v2, canary

 AFTER  SHARE  REQUESTS  VERDICT
   30s  5%     950 + 50  hold
1m 30s  5%     950 + 50  roll back, silent: cost

INDICATOR  TO TAKE BACK                   TO PROMOTE                     RATIO
errors     ████████████████████████ 100%  ░░░░░░░░░░░░░░░░░░░░░░░░   0%   4.10

after 1m 30s: roll back, worse in errors
margins: errors 2
what became of it: taken back: worse in errors"""
    )


@pytest.mark.parametrize("text", ["errors", "errors=much"])
def test_a_margin_is_a_name_and_a_ratio(fairlead: Fairlead, text: str) -> None:
    """With an example."""
    found = fairlead("judge", "--replay", "r3", "--margin", text)
    assert (found.code, found.err.splitlines()[0]) == (2, f"error: --margin {text}: expected NAME=RATIO")


def test_there_is_nothing_to_repeat_before_the_first_release(fairlead: Fairlead) -> None:
    """No daemon is asked."""
    found = fairlead("judge", "--replay", "r3")
    assert (found.code, found.err.splitlines()[0]) == (2, "error: there is no release `r3`")


NONE = "errors needs about 21 bad ones, and there were none"
PLANNED = {"strategy": "canary", "requests_per_s": 4.0, "seconds": 1500.0, "unknown": []}


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (
            {"slowest": {"indicator": "errors", "units": 5812.4, "events": 58.0}},
            "canary: about 25 min to a verdict at the present 4 requests/s; errors needs about 5,812 requests",
        ),
        (
            {"seconds": None, "slowest": {"indicator": "errors", "units": None, "events": 21.0}, "unknown": ["cost"]},
            f"canary: time to a verdict unknown at the present 4 requests/s; {NONE}; cost may take longer",
        ),
        ({"requests_per_s": 0.0, "seconds": None}, "canary: time to a verdict unknown: no traffic"),
        ({"requests_per_s": None, "why": "no daemon runs"}, "canary: time to a verdict unknown: no daemon runs"),
    ],
)
def test_a_plan_says_how_long_a_canary_will_take(facts: dict[str, Any], text: str) -> None:
    """By the present traffic; nothing is made up."""
    assert foretold(PLANNED | facts) == text


def test_plan_asks_a_daemon_that_runs_for_the_traffic(
    daemon: FakeDaemon, fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And shows what it answers below the changes."""
    change = ServiceChange("notes", "release", ("~ something",), "digest", "canary")
    monkeypatch.setattr("fairlead.engine.plan.plan", lambda *given: Plan((change,)))
    daemon.answer("/v1/forecast", {"forecasts": {"notes": PLANNED}})

    assert fairlead("plan").out.splitlines()[-1] == (
        "notes: canary: about 25 min to a verdict at the present 4 requests/s"
    )
    assert daemon.last.body["services"] == ["notes"]
    assert json.loads(fairlead("plan", "--json").out)["forecasts"]["notes"]["seconds"] == 1500.0


def test_plan_without_a_daemon_makes_no_forecast(fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says why."""
    change = ServiceChange("notes", "release", (), "digest", "canary")
    monkeypatch.setattr("fairlead.engine.plan.plan", lambda *given: Plan((change,)))
    assert fairlead("plan").out.splitlines()[-1] == "notes: canary: time to a verdict unknown: no daemon runs"


def test_on_a_terminal_the_picture_stands_below_what_has_happened(
    daemon: FakeDaemon, on_terminal: Callable[..., str]
) -> None:
    """It is drawn again in its place, and gone when the release is done."""
    seen = [event("progress", "", judging=[judging(requests={"v1": n, "v2": 0})]) for n in (1, 2)]
    done = event("done", **release(reason=None))
    daemon.stream("/v1/deploy", [event("info", "5% to v2"), *seen, event("info", "all requests to v2"), done])

    shown = on_terminal("deploy", "hub")

    assert "v1 answered 1," in shown
    assert "v1 answered 2," in shown
    assert "\x1b[2K" in shown
    assert shown.rindex("all requests to v2") > shown.rindex("v1 answered 1,")
    assert "notes: v1 -> v2 succeeded" in shown
