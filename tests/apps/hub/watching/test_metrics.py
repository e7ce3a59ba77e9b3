"""The page of metrics of a hub that served: by Prometheus' own parser, and by its own checker."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.apps.hub.serving.fakes import DONE, FINISH, ROLE, STREAM, USAGE, word
from tests.apps.hub.serving.telling import BODY, STREAMED, town
from tests.apps.hub.watching.hubs import SAID, running

from fairlead.apps.hub.accounts.keys import MISSING
from fairlead.apps.hub.calls import Usage
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.watching import names, recording
from fairlead.apps.hub.watching.recording import Recorder


def samples(text: str, name: str, **labels: str) -> Iterator[float]:
    """The values of the series of a metric that have these labels."""
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            if one.name == name and labels.items() <= one.labels.items():
                yield one.value


def total(text: str, name: str, **labels: str) -> float:
    """Their sum."""
    return sum(samples(text, name, **labels))


def page(recorder: Recorder) -> str:
    """All that is counted."""
    return "".join(line for name in names.COUNTED for line in recorder.lines(name))


async def test_what_was_served_is_counted_by_route_provider_model_and_status(tmp_path: Path) -> None:
    """Requests, times, tokens and cost, whole and streamed; what was refused, and what the cache answered."""
    async with running(tmp_path) as hub:
        for stream in (False, True, True):
            assert (await hub.asks(stream=stream)).status_code == 200
        for _ in range(2):
            await hub.asks(temperature=0)
        await hub.asks("nobody")
        text = await hub.metrics()

    labels = {"route": "quick", "provider": "echo"}
    assert total(text, names.REQUESTS, **labels, model="echo", stream="true", status="200") == 2
    assert total(text, names.REQUESTS, route="quick", cache="memory") == 1
    assert total(text, "fairlead_hub_cache_requests_total", result="memory") == 1
    assert total(text, names.TURNED_AWAY, kind="unknown", operation="chat") == 1
    convention = {"gen_ai_operation_name": "chat", "gen_ai_provider_name": "echo", "gen_ai_request_model": "echo"}
    assert total(text, f"{names.FIRST}_count", **labels, **convention) == 2
    assert total(text, f"{names.BETWEEN}_count", **labels) == 2
    assert total(text, f"{names.DURATION}_count", **convention) == 4
    assert total(text, f"{names.PROVIDER_DURATION}_count", **convention) == 4
    assert total(text, f"{names.USAGE}_sum", **labels, gen_ai_token_type="input") == 40
    assert total(text, names.TOKENS_TOTAL, **labels, kind="output") == 16
    assert total(text, f"{names.COST}_count", **labels) == 4
    assert total(text, "fairlead_hub_requests_in_flight") == 0
    assert total(text, "process_resident_memory_bytes") > 10_000_000


async def test_what_did_not_happen_yet_is_told_as_zero(tmp_path: Path) -> None:
    """A judge must not take a metric that is not there for one without errors."""
    async with running(tmp_path) as hub:
        text = await hub.metrics()

    assert set(samples(text, names.FAILURES, route="quick")) == {0}
    assert set(samples(text, names.REQUESTS, route="quick", status="200")) == {0}
    assert set(samples(text, names.COST_NANO, route="quick")) == {0}


async def test_an_attempt_that_failed_counts_for_its_provider_and_the_request_for_nobody(tmp_path: Path) -> None:
    """With retries and fallbacks; the request itself went well."""
    said = {**SAID, "models": {"quick": {"targets": ["echo/echo?fail=500"], "fallbacks": ["echo/echo"], "retries": 0}}}
    async with running(tmp_path, said) as hub:
        assert (await hub.asks()).status_code == 200
        text = await hub.metrics()

    assert total(text, names.PROVIDER_ERRORS, provider="echo", model="echo?fail=500", kind="provider") == 1
    assert total(text, names.FAILURES) == 0
    assert total(text, names.FALLBACKS, route="quick", model="echo") == 1
    assert total(text, names.RETRIES, route="quick", model="echo") == 1


async def test_a_budget_is_told_with_what_is_left_of_it_and_no_key(tmp_path: Path) -> None:
    """By the names of keys and teams; in dollars, tokens and requests."""
    key = {"sha256": "ab" * 32, "team": "north sea", "limits": [{"usd": 5, "tokens": "1000/m"}]}
    said = {**SAID, "keys": {"alice": key}, "teams": {"north sea": {"limits": [{"requests": "60/h"}]}}}
    async with running(tmp_path, said) as hub:
        text = await hub.metrics()

    assert total(text, "fairlead_hub_budget_left_usd", key="alice", window="month") == 5
    assert total(text, "fairlead_hub_budget_limit_tokens", key="alice", window="1m") == 1000
    assert total(text, "fairlead_hub_budget_left_requests", team="north sea", window="1h") == 60
    assert "abab" not in text


async def test_with_two_listeners_the_first_tells_no_metrics(tmp_path: Path) -> None:
    """Clients have no business with them; with one listener it has to."""
    async with running(tmp_path) as hub:
        assert (await hub.front.get("/metrics")).status_code == 404
    async with running(tmp_path, backstage=False) as hub:
        assert (await hub.back.get("/metrics")).status_code == 404
        assert "fairlead_hub_requests_total" in (await hub.front.get("/metrics")).text


@pytest.mark.needs_prometheus
async def test_prometheus_finds_nothing_wrong_with_the_page(tmp_path: Path) -> None:
    """Names, units, types and help, as `promtool check metrics` has them."""
    async with running(tmp_path) as hub:
        await hub.asks()
        await hub.asks(stream=True)
        await hub.asks("echo/echo?fail=500")
        text = await hub.metrics()
    asked = ["promtool", "check", "metrics"]
    checked = await asyncio.to_thread(
        subprocess.run, asked, input=text.encode(), capture_output=True, timeout=30, check=False
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


def test_a_stream_is_measured_from_its_first_token_to_its_last() -> None:
    """The first token after a quarter of a second, then four more in one second."""
    here = town()
    recorder = Recorder(lambda: here.table)
    here.desk.watchers = (recorder.ended,)
    here.asks(STREAMED)
    one = here.asked("one").begins(200, STREAM).says(ROLE)
    here.passes(0.25)
    one.says(word("a"))
    here.passes(1.0)
    one.says(word("b"), FINISH, USAGE, DONE).ends()
    text = page(recorder)

    assert total(text, f"{names.FIRST}_sum") == pytest.approx(0.25)
    assert total(text, f"{names.PROVIDER_FIRST}_sum") == pytest.approx(0.25)
    assert total(text, f"{names.BETWEEN}_sum") == pytest.approx(1.0 / 4)
    assert total(text, f"{names.DURATION}_sum") == pytest.approx(1.25)
    assert total(text, names.COST_NANO) == 15
    assert total(text, f"{names.COST}_bucket", le="1e-06") == 1


def test_names_that_clients_choose_become_others() -> None:
    """One that never answered has no series of its own, nor has one beyond the bound."""
    here = town()
    recorder = Recorder(lambda: here.table)
    here.desk.watchers, here.desk.missed = (recorder.ended,), (recorder.missed,)
    most = recording.MOST_NAMED
    here.asks(BODY.replace(b'"m"', b'"one/made-up-never"'))
    here.asked("one").answers(status=404)
    for number in range(most + 20):
        here.asks(BODY.replace(b'"m"', b'"one/made-up-%d"' % number))
        here.asked("one").answers()
    text = page(recorder)

    assert "made-up-never" not in text
    assert len({one for one in text.split('"') if one.startswith("one/made-up-")}) == most
    assert total(text, names.REQUESTS, route="other", status="200") == 20
    assert total(text, names.REQUESTS, route="other", status="404") == 1


def test_what_is_not_bounded_by_models_is_bounded_by_number() -> None:
    """Reloads that rename routes again and again end in "other", too."""
    here = town()
    recorder = Recorder(lambda: here.table)
    for number in range(recording.MOST_SERIES):
        here.table = town({"targets": [f"one/model-{number}"]}).table
        recorder.prepare()

    assert len(page(recorder).splitlines()) < recording.MOST_SERIES * 20
    assert 'route="other"' in page(recorder)


def test_all_kinds_of_tokens_are_counted_each() -> None:
    """Also those that are part of others, and what is billed by other measures."""
    here = town()
    recorder = Recorder(lambda: here.table)
    flights: list[Flight] = []
    here.desk.watchers = (flights.append,)
    here.asks(BODY)
    here.asked("one").answers()
    flight = flights[0]
    flight.usage = Usage(
        100, 50, cached=60, written=10, reasoning=20, audio_input=5, image_output=7, units={"searches": 2}
    )
    recorder.ended(flight)
    recorder.turned_away(MISSING, None, None)
    text = page(recorder)

    found = {kind: total(text, names.TOKENS_TOTAL, kind=kind) for kind in ("input", "cached", "written", "reasoning")}
    assert found == {"input": 100, "cached": 60, "written": 10, "reasoning": 20}
    assert total(text, names.TOKENS_TOTAL, kind="audio_input") == 5
    assert total(text, names.UNITS, unit="searches") == 2
    assert total(text, names.TURNED_AWAY, kind="unauthorized") == 1
