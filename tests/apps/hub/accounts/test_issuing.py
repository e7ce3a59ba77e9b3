"""Keys that are made, changed and revoked while hubs run, or while none does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fairlead.apps.hub.accounts import offline
from fairlead.apps.hub.accounts.issuing import (
    NameTaken,
    UnknownName,
    WrongFields,
    change,
    found,
    issue,
    issued,
    revoke,
    rotate,
)
from fairlead.apps.hub.accounts.keys import Account
from fairlead.errors import StateError, UsageError

from .conftest import SECRET, MakeOffice, declared, until

STORES = pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])


@pytest.fixture
def where(kind: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The store that offices share."""
    return {"store": request.getfixturevalue("postgres_url")} if kind == "postgres" else {}


@STORES
async def test_every_replica_learns_of_a_key_and_of_its_end(opens: MakeOffice, where: dict[str, Any]) -> None:
    """Without being asked by anybody."""
    one, other = [await opens(declared(), **where) for _ in range(2)]
    made = await issue(one.store, "bob", {"models": ["parrot"], "limits": [{"requests": "5/m"}]})
    secret = made.secret.encode()
    await until(lambda: all(isinstance(office.accounts.admit(secret), Account) for office in (one, other)))
    account = other.accounts.admit(secret)
    assert account.name == "bob"
    assert account.may("gpt-4o") is not None
    assert made.secret not in repr(made)

    assert await revoke(other.store, "bob")
    await other.look()
    assert not isinstance(other.accounts.admit(secret), Account)
    await until(lambda: not isinstance(one.accounts.admit(secret), Account))
    assert not await revoke(one.store, "bob")
    [known] = await issued(one.store)
    assert (known.name, known.revoked, known.key.models) == ("bob", True, ["parrot"])


@STORES
async def test_both_values_work_while_a_rotation_overlaps(opens: MakeOffice, where: dict[str, Any]) -> None:
    """They are one key: with the same name, the same limits, the same counters; without overlap only the new works."""
    office = await opens(declared(), **where)
    first = await issue(office.store, "bob", {"limits": [{"requests": "5/m"}]})
    second = await rotate(office.store, "bob", overlap_s=60)
    await office.look()
    old, new = (office.accounts.admit(one.secret.encode()) for one in (first, second))
    assert (old.name, new.name) == ("bob", "bob")
    assert old.meters == new.meters
    assert old.digest != new.digest
    assert len((await found(office.store, "bob")).values) == 2

    third = await rotate(office.store, "bob", overlap_s=0)
    await office.look()
    works = [isinstance(office.accounts.admit(one.secret.encode()), Account) for one in (first, second, third)]
    assert works == [False, False, True]
    await revoke(office.store, "bob")
    await office.look()
    assert not isinstance(office.accounts.admit(third.secret.encode()), Account)
    with pytest.raises(UnknownName):
        await rotate(office.store, "bob")


@STORES
async def test_a_changed_key_keeps_what_was_not_said(opens: MakeOffice, where: dict[str, Any]) -> None:
    """And its value, and what it has spent."""
    office = await opens(declared(), **where)
    made = await issue(office.store, "bob", {"models": ["parrot"], "limits": [{"requests": "5/m"}]})
    await change(office.store, "bob", {"models": None, "tags": ["night"]})
    await office.look()
    account = office.accounts.admit(made.secret.encode())
    assert account.may("gpt-4o") is None
    assert account.tags == {"night"}
    assert [meter.rule.most for meter in account.meters] == [5]
    with pytest.raises(WrongFields, match="limits"):
        await change(office.store, "bob", {"limits": [{"requests": "many"}]})
    with pytest.raises(UnknownName, match="did you mean `bob`"):
        await change(office.store, "bobb", {})


async def test_a_key_that_changes_leaves_the_others_as_they_are(opens: MakeOffice) -> None:
    """They are not even looked at: with ten thousand keys nobody waits for one. Its own old limits are forgotten."""
    office = await opens(declared({"requests": "9/m"}))
    made = [await issue(office.store, name, {"limits": [{"requests": "5/m"}]}) for name in ("bob", "eve")]
    await office.look()
    alice, bob, eve = (office.accounts.admit(one.encode()) for one in (SECRET, made[0].secret, made[1].secret))
    await change(office.store, "bob", {"limits": [{"tokens": "7/m"}]})
    await office.look()
    assert office.accounts.admit(SECRET.encode()) is alice
    assert office.accounts.admit(made[1].secret.encode()) is eve
    changed = office.accounts.admit(made[0].secret.encode())
    assert changed is not bob
    limits = sorted((meter.rule.counter.split("|")[1:3], meter.rule.most) for meter in office.roster.meters)
    assert limits == [(["alice", "requests"], 9), (["bob", "tokens"], 7), (["eve", "requests"], 5)]


async def test_all_that_is_wrong_is_named_and_nothing_is_made(opens: MakeOffice) -> None:
    """Name, fields, times and teams at once."""
    office = await opens(declared())
    await issue(office.store, "bob", {})
    with pytest.raises(NameTaken, match="bob"):
        await issue(office.store, "bob", {})
    wrong = {"limit": [], "expires": "tomorrow", "team": "blu", "sha256": "0" * 64}
    with pytest.raises(WrongFields) as caught:
        await issue(office.store, "a b", wrong, teams=["blue"])
    fields = {problem.partition(":")[0] for problem in caught.value.problems}
    assert fields == {"name", "limit", "expires", "team", "sha256"}
    assert "did you mean `blue`" in str(caught.value)
    assert len(await issued(office.store)) == 1


async def test_two_who_take_one_name_at_once_get_one_key(opens: MakeOffice) -> None:
    """The other is told."""
    one, other = [await opens(declared()) for _ in range(2)]
    told = await asyncio.gather(issue(one.store, "bob", {}), issue(other.store, "bob", {}), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in told) == ["Issued", "NameTaken"]


def test_keys_are_made_where_no_hub_runs(tmp_path: Path) -> None:
    """On the store that it will have; what is wrong is told as a command tells it."""
    url = offline.store_url(None, tmp_path)
    made = offline.create(url, "bob", {"limits": [{"usd": 5, "per": "day"}]})
    assert made.secret.startswith("sk-fl-")
    assert [known.name for known in offline.listed(url)] == ["bob"]
    assert offline.rotate(url, "bob").secret != made.secret
    with pytest.raises(UsageError, match="team: unknown team blue"):
        offline.create(url, "eve", {"team": "blue"}, teams=[])
    assert offline.revoke(url, "bob")
    assert not offline.revoke(url, "bob")
    with pytest.raises(UsageError, match="a store is given as"):
        offline.listed("mysql://somewhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError):
        offline.listed(f"sqlite:{tmp_path}")
