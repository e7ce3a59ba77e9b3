"""Keys that are made and revoked while hubs run."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from fairlead.apps.hub.accounts.issuing import NameTaken, issue, issued, revoke
from fairlead.apps.hub.accounts.keys import Account

from .conftest import MakeOffice, declared, until


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])
async def test_every_replica_learns_of_a_key_and_of_its_end(
    opens: MakeOffice, kind: str, request: pytest.FixtureRequest
) -> None:
    """Without being asked by anybody."""
    where = {"store": request.getfixturevalue("postgres_url")} if kind == "postgres" else {}
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


async def test_wrong_fields_and_taken_names_are_refused(opens: MakeOffice) -> None:
    """Before anything is made."""
    office = await opens(declared())
    await issue(office.store, "bob", {})
    with pytest.raises(NameTaken, match="bob"):
        await issue(office.store, "bob", {})
    with pytest.raises(ValidationError):
        await issue(office.store, "eve", {"limit": []})
    with pytest.raises(ValueError, match="isoformat"):
        await issue(office.store, "eve", {"expires": "tomorrow"})
    assert len(await issued(office.store)) == 1
