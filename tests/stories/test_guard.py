"""The guard in a stack: what was made at one version of it is there at the next; and it keeps secrets out of images."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
import pytest
from bench.town import Town, until
from tests import images
from tests.stories.services import web

TOKEN = "ghp_vlCHLGlamEw9amh0" + "SkdTHizb4NzLrF0GXZVI"
BUILT_WITHIN_S = 240.0
"""An image is made, and in it the patterns are built: ten seconds of a processor that others may want too."""


@pytest.mark.timeout(600)
def test_a_release_of_the_guard_keeps_its_keys_and_the_version_that_judges(town: Town) -> None:
    """A key made beside it is known to it; both are there after the next version has taken over."""
    town.environ["GUARD_KEY"] = master = secrets.token_urlsafe(24)
    guard: dict[str, Any] = {"uses": "guard", "secrets": {"GUARD_API_KEY": "guard-key"}, "expose": [{"path": "/"}]}
    guard |= {"release": {"watch": "300ms", "keep_warm": "0s"}}
    rest: dict[str, Any] = {"secrets": {"guard-key": {"env": "GUARD_KEY"}}}
    town.declare({"guard": guard}, **rest)
    town.fairlead("up", within_s=BUILT_WITHIN_S)
    assert _asked(town, "/analyze", "no key of anybody").status_code == 401
    make = ["exec", "guard", "--", town.python, "-P", "-m", "fairlead", "guard", "keys", "create", "ci"]
    key = town.fairlead(*make).out.split()[0]
    until(lambda: _asked(town, "/analyze", key).status_code == 200, "the guard knows the key")
    made = _asked(town, "/versions/create", master, {"note": "strict", "threshold": 0.97})
    assert made.status_code == 201, made.text
    _asked(town, f"/versions/{made.json()['version']}/activate", master, {}).raise_for_status()

    town.declare({"guard": {**guard, "environment": {"ROUND": "1"}}}, **rest)
    town.fairlead("deploy", "guard", within_s=BUILT_WITHIN_S)

    answer = _asked(town, "/analyze", key).raise_for_status().json()
    assert (answer["secret_type"], answer["risk_level"]) == ("github.personal-access-token", "critical")
    assert answer["model_version"] == made.json()["version"]
    assert town.shares("guard") == {"v2": 100.0}


@pytest.mark.only_on("docker")
def test_no_image_is_built_of_files_that_hold_a_secret(town: Town) -> None:
    """Before the builder is sent anything: the file and its line are named, the value is not."""
    (town.folder / "web" / "Dockerfile").write_text(f"FROM {images.PYTHON}\nCOPY . .\n")
    settings = town.folder / "web" / "settings.py"
    settings.write_text(f'DEBUG = False\nTOKEN = "{TOKEN}"\n')
    town.declare({"web": web(build={"context": "web"})})

    said = town.fairlead("up", fails=True)
    assert "settings.py:2" in said.err
    assert "GitHub personal access token" in said.err
    assert TOKEN not in said.text

    settings.write_text("DEBUG = False\n")
    town.up()
    assert town.shares("web") == {"v1": 100.0}


def _asked(town: Town, path: str, key: str, body: dict[str, Any] | None = None) -> httpx.Response:
    """The answer of the guard."""
    question = {"secret_value": TOKEN} if body is None else body
    return httpx.post(f"{town.url}{path}", json=question, headers={"X-API-KEY": key}, timeout=30, trust_env=False)
