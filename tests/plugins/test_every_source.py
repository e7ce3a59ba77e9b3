"""Promises of every source of observations: silence is told with its reason, never raises, and shows no secret."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import cast

import pytest
from tests.docs.documents import ROOT

import fairlead
from fairlead.engine import ports
from fairlead.engine.routers.memory import MemoryRouter
from fairlead.errors import UsageError
from fairlead.kit.clock import SystemClock
from fairlead.release.judge import Counts
from fairlead.release.sources import SOURCES, Asked, Target
from fairlead.stack.check import canaries
from fairlead.stack.model.objectives import Indicator, PrometheusServer
from fairlead.stack.model.release import Canary

TOKEN = "swordfish-" + "4711"
PAGE = ROOT / "docs" / "how-to" / "judge-by-your-own-metric.md"
SOURCE = Path(fairlead.__file__).parent.parent


@pytest.fixture(params=SOURCES.names())
def name(request: pytest.FixtureRequest) -> str:
    """The name of each source."""
    return str(request.param)


@pytest.fixture
def asked(name: str) -> Asked:
    """Asked about a world in which nobody answers."""
    nobody = f"http://127.0.0.1:{ports.lease(())}"
    clock = SystemClock()
    indicators = {
        "provider": Indicator(errors='errors_total{kind="provider"}', total="calls_total", source=name),
        "ttft": Indicator(histogram="ttft_seconds", source=name),
        "cost": Indicator(gauge="cost_usd", source=name),
    }
    return Asked(
        service="hub",
        stable="v1",
        canary="v2",
        policy=Canary(prometheus=PrometheusServer(url=nobody, secret="monitoring")),
        indicators={} if name == "router" else indicators,
        router=MemoryRouter(clock),
        clock=clock,
        targets=lambda: [Target(f"hub-{version}-0", version, f"{nobody}/metrics", 1.0) for version in ("v1", "v2")],
        secret=lambda _: TOKEN,
        frozen={"ttft": 0.5, "latency": 100.0, "first_byte": 50.0},
    )


async def test_where_nobody_answers_it_is_silent_and_says_why(name: str, asked: Asked) -> None:
    reader = SOURCES.get(name)(asked)
    await reader.start()
    for _ in range(2):
        reading = await reader.read()
        assert reading.seen
        assert set(reading.seen.values()) == {None}
        assert reading.why.keys() == reading.seen.keys()
        assert all(reading.why.values())
    await reader.close()


async def test_it_tells_each_of_its_indicators(name: str, asked: Asked) -> None:
    """Those it is asked about; those that are built in, when it is asked about none."""
    reader = SOURCES.get(name)(asked)
    await reader.start()
    assert (await reader.read()).seen.keys() == set(asked.indicators or ("errors", "latency", "first_byte"))
    await reader.close()


async def test_bounds_that_are_frozen_already_hold(name: str, asked: Asked) -> None:
    reader = SOURCES.get(name)(asked)
    found = dict(await reader.start())
    found.update((await reader.read()).frozen)
    assert found.items() <= asked.frozen.items()
    await reader.close()


async def test_it_shows_no_secret(name: str, asked: Asked) -> None:
    reader = SOURCES.get(name)(asked)
    shown = [repr(reader), repr(await reader.start()), repr(await reader.read())]
    assert TOKEN not in "".join(shown)
    await reader.close()


async def test_it_can_be_closed_before_it_was_started_and_twice(name: str, asked: Asked) -> None:
    reader = SOURCES.get(name)(asked)
    await reader.close()
    await reader.close()


def test_each_is_one_file_of_its_name(name: str) -> None:
    assert (SOURCE / SOURCES.package.replace(".", "/") / f"{name}.py").exists()


def test_a_stack_file_can_name_each_but_the_router() -> None:
    """Its indicators are built in."""
    assert sorted(canaries.SOURCES) == [name for name in SOURCES.names() if name != "router"]
    assert SOURCES.group == canaries.GROUP


# one of another package


def block(language: str) -> str:
    """The page's block in that language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def thumbs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of the page, installed; where its ratings are."""
    entry = re.search(r'entry-points\."(.*?)"\]\n(.*)', block("toml"))
    assert entry
    site = tmp_path / "site"
    info = site / "shop_thumbs-1.dist-info"
    info.mkdir(parents=True)
    (site / "shop_thumbs.py").write_text(block("python"))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-thumbs\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{entry[1]}]\n{entry[2].replace(chr(34), '')}\n")
    SOURCES.names()  # ours are loaded once, and stay
    monkeypatch.setattr(SOURCES, "_offered", None)
    monkeypatch.setattr(SOURCES, "_plugins", dict(SOURCES._plugins))
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(sys.modules, "shop_thumbs", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "ratings.jsonl"


async def test_the_source_that_the_documentation_shows_tells_what_it_sees(thumbs: Path) -> None:
    def rated(*ratings: tuple[str, str]) -> None:
        with thumbs.open("a") as file:
            file.writelines(json.dumps({"version": version, "thumb": thumb}) + "\n" for version, thumb in ratings)

    indicators = {"thumbs": Indicator(source="thumbs")}
    asked = cast("Asked", type("Asked", (), {"stable": "v1", "canary": "v2", "indicators": indicators}))
    reader = SOURCES.get("thumbs")(asked)
    assert (await reader.read()).why == {"thumbs": "no ratings yet"}
    rated(("v1", "down"))
    await reader.start()
    rated(("v1", "up"), ("v1", "down"), ("v2", "down"))
    assert (await reader.read()).seen == {"thumbs": Counts(1, 1, 2, 1)}
    assert (await reader.read()).seen == {"thumbs": Counts(0, 0, 0, 0)}
    await reader.close()


def test_a_stack_file_can_name_it(thumbs: Path) -> None:
    assert "thumbs" in SOURCES.names()
    assert "thumbs" in canaries.sources()


def test_an_unknown_one_is_an_error_with_a_suggestion_and_never_another_one() -> None:
    """A metrics source judged by another one is this field's classic bug."""
    with pytest.raises(UsageError, match="unknown source of observations: promethues") as caught:
        SOURCES.get("promethues")
    assert caught.value.hint == "did you mean `prometheus`?"
