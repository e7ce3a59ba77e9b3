"""A Prometheus server as a source: a real one, and a double of it for what a real one seldom does."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.release.sources.conftest import Served, Telling, asking

from fairlead.engine import ports
from fairlead.errors import SecretMissing, UsageError
from fairlead.kit.clock import FakeClock
from fairlead.release.judge import Counts
from fairlead.release.sources import Asked, Reader, Reading, Target
from fairlead.release.sources.prometheus import prometheus
from fairlead.stack.model.objectives import Indicator, PrometheusServer
from fairlead.stack.model.release import Canary

Serve = Callable[[], Awaitable[Served]]

TOKEN = "swordfish-" + "4711"
PROVIDER = Indicator(errors='llm_errors_total{kind="provider"}', total="llm_calls_total", source="prometheus")
TTFT = Indicator(histogram="ttft_seconds", source="prometheus")
TARGETS = (Target("hub-v1-0", "v1", None, 1.0), Target("hub-v2-0", "v2", None, 1.0))


def asked_of(clock: FakeClock, router: Telling, url: str, **server: Any) -> Asked:
    """Asked about a server there."""
    policy = Canary(prometheus=PrometheusServer(url=url, labels={"service": 'the "hub"'}, **server))
    indicators = {"provider": PROVIDER, "ttft": TTFT}
    return asking(clock, router, policy=policy, indicators=indicators, targets=lambda: TARGETS, secret=_secret)


def _secret(name: str) -> str:
    if name == "missing":
        raise SecretMissing("secret `missing` has no value")
    return TOKEN


# a double


class Double(Served):
    """Answers the queries of the source with these series, sampled `age_s` before its own time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_600_000_000.0
        self.age_s = 0.0
        self.more: dict[str, Any] = {}
        self.bad = {"v1": 10.0, "v2": 0.0}
        self.calls = {"v1": 1000.0, "v2": 0.0}
        self.text = ""

    def answer(self, head: str) -> str:
        query = parse_qs(urlsplit(head.split(" ")[1]).query)["query"][0]
        return self.text or json.dumps({"status": "success", "data": self._data(query), **self.more})

    def _data(self, query: str) -> Any:
        if query == "time()":
            return {"resultType": "scalar", "result": [self.now, str(self.now)]}
        if query.startswith("min(timestamp("):
            return self._vector([({}, self.now - self.age_s)])
        if query.startswith("max by"):
            return self._vector([])
        return self._vector([(self._labels(version, name), value) for version, name, value in self._series()])

    def _series(self) -> list[tuple[str, str, float]]:
        return [
            (version, name, values[version])
            for name, values in (("llm_errors_total", self.bad), ("llm_calls_total", self.calls))
            for version in values
        ]

    def _labels(self, version: str, name: str) -> dict[str, str]:
        return {"__name__": name, "version": version, "instance": f"hub-{version}:80", "kind": "provider"}

    def _vector(self, series: list[tuple[dict[str, str], float]]) -> Any:
        return {
            "resultType": "vector",
            "result": [{"metric": labels, "value": [self.now, str(value)]} for labels, value in series],
        }

    def serves(self, stable: tuple[float, float], canary: tuple[float, float]) -> None:
        """So many bad, and so many calls, more."""
        self.now += 15
        for version, (bad, calls) in (("v1", stable), ("v2", canary)):
            self.bad[version] += bad
            self.calls[version] += calls


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    """A double, listening."""
    found = Double()
    await found.start()
    yield found
    await found.stop()


@asynccontextmanager
async def reading(clock: FakeClock, router: Telling, double: Double, **server: Any) -> AsyncIterator[Reader]:
    """The source, started."""
    async with opened(asked_of(clock, router, double.url, **server)) as reader:
        await reader.start()
        yield reader


@asynccontextmanager
async def opened(asked: Asked) -> AsyncIterator[Reader]:
    """The source, closed in the end."""
    reader = prometheus(asked)
    try:
        yield reader
    finally:
        await reader.close()


async def test_growth_is_counted_from_the_first_sample_after_the_start(
    clock: FakeClock, router: Telling, double: Double
) -> None:
    """A source that lags: what it had last sampled before the start is of the share before."""
    double.age_s = 10
    async with reading(clock, router, double) as reader:
        double.now += 5
        double.bad["v2"] = 5.0
        assert (await reader.read()).why["provider"].endswith("from after the start")
        double.serves((0, 0), (0, 0))
        double.age_s = 0
        assert (await reader.read()).why["provider"] == "counting has just begun"
        double.serves((2, 100), (3, 20))
        assert (await reader.read()).seen["provider"] == Counts(2, 3, 100, 20)


async def test_what_a_lagging_source_missed_is_covered_later(clock: FakeClock, router: Telling, double: Double) -> None:
    async with reading(clock, router, double, stale="60s") as reader:
        await reader.read()
        double.serves((2, 100), (3, 20))
        double.age_s = 75
        found = await reader.read()
        assert found.seen["provider"] is None
        assert found.why["provider"] == "the last sample of llm_calls_total is 75 s old"
        double.age_s = 1
        assert (await reader.read()).seen["provider"] == Counts(2, 3, 100, 20)


@pytest.mark.parametrize("off_s", [3600.0, -3600.0])
async def test_a_server_whose_clock_is_off_by_an_hour_is_read_by_its_own(
    clock: FakeClock, router: Telling, double: Double, off_s: float
) -> None:
    double.now = clock.wall() + off_s
    async with reading(clock, router, double) as reader:
        await reader.read()
        double.serves((2, 100), (3, 20))
        clock.set_wall(clock.wall() - 7200)
        assert (await reader.read()).seen["provider"] == Counts(2, 3, 100, 20)


async def test_a_counter_that_went_back_is_unknown(clock: FakeClock, router: Telling, double: Double) -> None:
    """As `increase()` would not say: for it these would be 998 new events."""
    async with reading(clock, router, double) as reader:
        await reader.read()
        double.serves((0, -2), (0, 20))
        assert "went back from 1000 to 998" in (await reader.read()).why["provider"]


async def test_a_server_that_sees_fewer_instances_than_run_is_no_evidence(
    clock: FakeClock, router: Telling, double: Double
) -> None:
    async with reading(clock, router, double) as reader:
        del double.bad["v2"], double.calls["v2"]
        assert (await reader.read()).why["ttft"] == "the server has samples of 0 of 1 instances of v2"


@pytest.mark.parametrize(
    ("answers", "status", "why"),
    [
        ({"warnings": ["partial response: store 2 timed out"]}, 200, "it warns: partial response: store 2 timed out"),
        ({"status": "error", "error": f"query timed out ({TOKEN})"}, 503, "query timed out (***)"),
        ({"status": "error"}, 422, "it answered 422"),
        ({"data": None}, 200, "its answer can't be read"),
        ({"data": {"result": [{"metric": 7, "value": []}]}}, 200, "its answer can't be read"),
        ("<html>", 502, "it answered 502, and nothing that can be read"),
        ("[]", 200, "it answered 200, and nothing that can be read"),
        ("Unauthorized", 401, "it answered 401, and nothing that can be read"),
    ],
)
async def test_anything_but_a_whole_answer_is_no_evidence_in_the_server_s_words(
    clock: FakeClock, router: Telling, double: Double, answers: Mapping[str, Any] | str, status: int, why: str
) -> None:
    async with reading(clock, router, double, secret="monitoring") as reader:
        await reader.read()
        double.status = status
        if isinstance(answers, str):
            double.text = answers
        else:
            double.more = dict(answers)
        found = await reader.read()
    assert found.seen == {"provider": None, "ttft": None}
    assert found.why["provider"] == f"127.0.0.1: {why}"


async def test_the_token_is_sent_and_never_shown(clock: FakeClock, router: Telling, double: Double) -> None:
    async with reading(clock, router, double, secret="monitoring") as reader:
        assert f"authorization: bearer {TOKEN}" in double.asked[0].lower().replace(TOKEN.lower(), TOKEN)
        double.text = f"no entry for {TOKEN}"
        assert TOKEN not in repr(await reader.read())


async def test_a_token_without_a_value_is_told(clock: FakeClock, router: Telling, double: Double) -> None:
    async with reading(clock, router, double, secret="missing") as reader:
        assert (await reader.read()).why["provider"] == "secret `missing` has no value"


async def test_a_server_that_is_not_there_is_no_evidence(clock: FakeClock, router: Telling) -> None:
    reader = prometheus(asked_of(clock, router, f"http://me:{TOKEN}@127.0.0.1:{ports.lease(())}"))
    assert await reader.start() == {}
    assert (await reader.read()).why["provider"] == "127.0.0.1: connection refused"
    await reader.close()


def test_no_server_at_all_is_an_error(clock: FakeClock, router: Telling) -> None:
    with pytest.raises(UsageError, match="there is no server"):
        prometheus(asking(clock, router, indicators={"provider": PROVIDER}))


# a real one

LABELS = {"service": 'the "hub"'}


def page(bad: int, calls: int, slow: int, began: float = 1.0) -> str:
    """What an instance shows."""
    return (
        f'# TYPE llm_errors_total counter\nllm_errors_total{{kind="provider"}} {bad}\nllm_calls_total {calls}\n'
        f'ttft_seconds_bucket{{le="0.5"}} {calls - slow}\nttft_seconds_bucket{{le="+Inf"}} {calls}\n'
        f"process_start_time_seconds {began}\n"
    )


@asynccontextmanager
async def real(folder: Path, pages: Mapping[str, Served]) -> AsyncIterator[str]:
    """A Prometheus that scrapes these pages (version -> page) five times a second; its URL."""
    scraped = [
        {"targets": [urlsplit(one.url).netloc], "labels": {"version": version, **LABELS}}
        for version, one in pages.items()
    ]
    config = {
        "global": {"scrape_interval": "200ms", "scrape_timeout": "200ms"},
        "scrape_configs": [{"job_name": "hub", "static_configs": scraped}],
    }
    (folder / "prometheus.yml").write_text(json.dumps(config))
    port = ports.lease(())
    program = shutil.which("prometheus")
    assert program is not None
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        await _until(lambda: _has(url, 'count({version=~"v.", __name__="llm_calls_total"}) == 2'))
        yield url
    finally:
        process.kill()
        await process.wait()


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(40):
        while not await holds():  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.05)


async def _has(url: str, query: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        try:
            answer = await client.get(f"{url}/api/v1/query", params={"query": query})
            return bool(answer.json().get("data", {}).get("result"))
        except (httpx.HTTPError, ValueError):
            return False


async def _reads_until(reader: Reader, holds: Callable[[Reading], bool]) -> list[Reading]:
    found: list[Reading] = []

    async def read() -> bool:
        found.append(await reader.read())
        return holds(found[-1])

    await _until(read)
    return found


def counted(readings: list[Reading], name: str) -> Counts:
    """All of them together."""
    told = [one.seen[name] for one in readings]
    return sum((one for one in told if isinstance(one, Counts)), Counts(0, 0, 0, 0))


@pytest.mark.needs_prometheus
async def test_a_real_server_tells_what_its_instances_counted(
    clock: FakeClock, router: Telling, served: Serve, tmp_path: Path
) -> None:
    """From before the start over a restart to a counter that goes back."""
    pages = {"v1": await served(), "v2": await served()}
    pages["v1"].text, pages["v2"].text = page(10, 1000, 50), page(7, 20, 7)
    async with real(tmp_path, pages) as url, opened(asked_of(clock, router, url)) as reader:
        assert await reader.start() == {"ttft": 0.5}
        await _reads_until(reader, lambda one: one.seen["ttft"] is not None)
        pages["v1"].text, pages["v2"].text = page(12, 1100, 54), page(8, 40, 9)
        readings = await _reads_until(reader, _new)
        while counted(readings, "ttft") != Counts(4, 2, 100, 20):
            readings += await _reads_until(reader, _new)
        assert counted(readings, "provider") == Counts(2, 1, 100, 20)

        pages["v2"].text = page(1, 3, 1, began=2.0)
        restarted = await _reads_until(reader, _new)
        assert counted(restarted, "provider") == Counts(0, 1, 0, 3)

        pages["v2"].text = page(0, 3, 1, began=2.0)
        broken = await _reads_until(reader, lambda one: one.seen["provider"] is None)
        assert "went back from 1 to 0 without a restart" in broken[-1].why["provider"]

        pages["v2"].status = 500
        gone = await _reads_until(reader, lambda one: one.seen["ttft"] is None)
        assert gone[-1].why["ttft"] == f"the server can't scrape {urlsplit(pages['v2'].url).netloc}"


def _new(reading: Reading) -> bool:
    seen = reading.seen["ttft"]
    return isinstance(seen, Counts) and seen.total > 0


@pytest.mark.needs_prometheus
async def test_a_real_server_tells_of_a_metric_that_is_not_there(
    clock: FakeClock, router: Telling, served: Serve, tmp_path: Path
) -> None:
    pages = {"v1": await served(), "v2": await served()}
    for one in pages.values():
        one.text = page(1, 10, 1).replace("llm_errors_total", "llm_error_total")
    async with real(tmp_path, pages) as url, opened(asked_of(clock, router, url)) as reader:
        found = await _reads_until(reader, lambda one: "after the start" not in one.why["provider"])
        assert found[-1].why["provider"] == "v1 has no metric named llm_errors_total; did you mean llm_error_total?"
