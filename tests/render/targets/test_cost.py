"""Estimates of a month."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.render.conftest import scene_named

from fairlead.render.clouds.bill import prices, unverified
from fairlead.render.rendering import rendered
from fairlead.render.target import Scene


def test_the_marketplace_stays_about_its_budgets() -> None:
    """About 400, 900 and 2,958 US$ a month at the least machines."""
    sites = {site["environment"]: site for site in _sites(scene_named("marketplace"))}
    assert {name: site["budget"] for name, site in sites.items()} == {"dev": 400, "staging": 900, "production": 2958}
    assert all(site["least"] <= 1.1 * site["budget"] for site in sites.values())
    assert not any(site["not_priced"] for site in sites.values())


def test_an_estimate_is_the_sum_of_its_lines_and_says_what_it_leaves_out(scene: Scene) -> None:
    """Of each environment, with the date and the sources of the prices."""
    page = next(file.text for file in rendered("cost", scene).files if file.path == "cost.md")
    assert prices()["date"] in page
    assert "## What is left out" in page
    assert all(site["least"] > 0 and site["most"] >= site["least"] for site in _sites(scene))


@pytest.mark.parametrize("provider", ["aws", "gcp", "azure"])
def test_the_prices_of_each_cloud_have_a_region_and_a_source(provider: str) -> None:
    """And nothing in it is negative."""
    table = prices()[provider]
    assert table["region"]
    assert all(source.startswith("https://") for source in table["sources"])
    assert min(table["machine_hour"].values()) > 0


@pytest.mark.parametrize("provider", ["aws", "gcp", "azure"])
def test_a_price_is_verified_at_a_date_and_a_place_or_called_unverified(provider: str, scene: Scene) -> None:
    """On the page and in the data, whenever the provider is on the bill."""
    verified = prices()[provider]["verified"]
    assert verified
    assert all(re.match(r"20\d\d-\d\d, https://", source) for source in verified.values())
    assert not verified.keys() - prices()[provider].keys()
    assert len(unverified(provider)) > len(verified)
    texts = {file.path: file.text for file in rendered("cost", scene).files}
    page, data = texts["cost.md"], texts["cost.json"]
    if f"{provider}, " in page:
        assert all(f"`{key}`" in page for key in [*verified, *unverified(provider)])
        assert json.loads(data)["unverified"][provider] == unverified(provider)


def _sites(scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        next(file.text for file in rendered("cost", scene).files if file.path == "cost.json")
    )["sites"]
    return found
