"""Who gets in."""

from __future__ import annotations

import hashlib

import pytest

from fairlead.apps.hub import config
from fairlead.apps.hub.accounts.keys import Account, Keyring, Models, digest, instant, new_secret, prepared
from fairlead.apps.hub.calls import Failure


def ring(**fields: object) -> tuple[Keyring, bytes]:
    """A keyring with one key, and the key."""
    secret = new_secret().encode()
    keyring = Keyring()
    keyring.replace([prepared("alice", config.Key.model_validate({"sha256": digest(secret)} | fields))])
    return keyring, secret


def test_a_key_opens_its_account() -> None:
    """And only its own hash is known."""
    keyring, secret = ring(team="blue", tags=["x"])
    account = keyring.admit(secret, 0.0)
    assert isinstance(account, Account)
    assert (account.name, account.team, account.tags) == ("alice", "blue", frozenset({"x"}))
    assert account.digest == hashlib.sha256(secret).hexdigest()
    assert secret.decode() not in repr(account)


@pytest.mark.parametrize("secret", [b"", b"sk-fl-" + b"other", b"\xff\x00"])
def test_nobody_else_gets_in(secret: bytes) -> None:
    """401, with a code for each case."""
    keyring, _ = ring()
    failure = keyring.admit(secret, 0.0)
    assert isinstance(failure, Failure)
    assert failure.status == 401
    assert failure.code == ("invalid_api_key" if secret else "missing_api_key")


def test_a_key_expires_at_its_moment() -> None:
    """Not before."""
    keyring, secret = ring(expires="2026-01-01T00:00:00Z")
    ends = instant("2026-01-01")
    assert isinstance(keyring.admit(secret, ends - 0.001), Account)
    failure = keyring.admit(secret, ends)
    assert isinstance(failure, Failure)
    assert failure.code == "expired_api_key"


def test_where_keys_are_not_needed_a_wrong_one_is_still_refused() -> None:
    """A revoked key must not fall back to nobody's rights; somebody else's key is none of ours."""
    keyring, _ = ring()
    keyring.open = Account("", "", None, frozenset(), Models(None), float("inf"))
    assert keyring.admit(b"", 0.0) is keyring.open
    assert keyring.admit(b"sk-other", 0.0) is keyring.open
    assert isinstance(keyring.admit(b"sk-fl-" + b"revoked", 0.0), Failure)


def test_models_match_exactly_or_by_their_beginning() -> None:
    """`*` at the end matches any rest."""
    account = prepared("a", config.Key(sha256="0" * 64, models=["gpt-4o", "claude-*"]))
    allowed = [name for name in ("gpt-4o", "gpt-4o-mini", "claude-", "claude-x", "xclaude-") if not account.may(name)]
    assert allowed == ["gpt-4o", "claude-", "claude-x"]
    refusal = account.may("o3")
    assert refusal is not None
    assert refusal.status == 403
    assert prepared("a", config.Key(sha256="0" * 64)).may("anything") is None
    assert prepared("a", config.Key(sha256="0" * 64, models=[])).may("anything") is not None
