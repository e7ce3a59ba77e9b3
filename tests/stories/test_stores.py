"""Real servers that keep data for services: started with them, given to them, and still there afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.town import Town, until
from tests.stories.services import PYTHON, Spec, web

KINDS = [
    pytest.param("redis", "cache", marks=pytest.mark.needs_redis),
    pytest.param("postgres", "db", marks=pytest.mark.needs_postgres),
]


def counter(*needs: str) -> Spec:
    """Counts its requests in the stores it needs."""
    return {**web(), "command": [PYTHON, "-u", "counter.py"], "needs": list(needs)}


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_a_store_is_started_for_its_service_and_keeps_its_data(town: Town, kind: str, name: str) -> None:
    """Through a release, a death of the store, `down` and the next `up`."""
    town.declare({"web": counter(name)}, stores={name: {"kind": kind}})
    town.up()
    assert town.get("/web/").text == "1"
    town.fairlead("deploy", "web", "--set", "environment.WORD=new")
    assert town.get("/web/").text == "2"
    until(lambda: town.status()["stores"][0]["state"] == "ready", "the store is ready")
    town.down()
    assert town.processes() == {}
    town.up()
    assert town.get("/web/").text == "3"
    town.down()


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_the_password_of_a_store_is_kept_for_its_owner_alone(town: Town, kind: str, name: str) -> None:
    """In one file that nobody else can read; it is in no output, and in no command line."""
    town.declare({"web": counter(name)}, stores={name: {"kind": kind}})
    said = town.up().text + town.fairlead("status", "--json").out + town.fairlead("logs", "--tail", "1000").text
    kept = next((town.state / "stores").rglob("password"))
    password = kept.read_text().strip()
    assert len(password) >= 16
    assert kept.stat().st_mode & 0o077 == 0
    assert password not in said
    assert not [pid for pid in town.processes() if password in Path(f"/proc/{pid}/cmdline").read_text()]
