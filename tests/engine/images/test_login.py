"""How the engine logs in to a registry."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from fairlead.engine.images.login import HEADER, HUB_KEY, Logins
from fairlead.errors import MissingError
from fairlead.stack.model.docker import Registry

PASSWORD = "made-" + "up"
OWN = {"ghcr.io": Registry(user="me", secret="registry")}  # the name of a secret, not a value


def logins(folder: Path, **config: Any) -> Logins:
    """Those of a stack with one login of its own, and a client with this configuration."""
    (folder / "config.json").write_text(json.dumps(config))
    return Logins(OWN, {"registry": PASSWORD}.__getitem__, folder)


async def said(logins: Logins, host: str) -> dict[str, str]:
    """What the engine is told."""
    header = (await logins.headers(host))[HEADER]
    found: dict[str, str] = json.loads(base64.urlsafe_b64decode(header))
    return found


def entry(text: str) -> dict[str, str]:
    """As `docker login` writes it."""
    return {"auth": base64.b64encode(text.encode()).decode()}


async def test_a_login_of_the_stack_comes_first(tmp_path: Path) -> None:
    """Its password is a secret of the stack."""
    found = await said(logins(tmp_path, auths={"ghcr.io": entry("other:one")}), "ghcr.io")
    assert found == {"username": "me", "password": PASSWORD, "serveraddress": "ghcr.io"}


async def test_else_the_login_of_the_docker_client_is_used(tmp_path: Path) -> None:
    """Docker's own registry has a name of its own there."""
    auths = {"quay.io": entry("you:a:b"), HUB_KEY: entry("hub:x"), "tokens.example": {"identitytoken": "t" * 8}}
    one = logins(tmp_path, auths=auths)
    assert await said(one, "quay.io") == {"username": "you", "password": "a:b", "serveraddress": "quay.io"}
    assert await said(one, "docker.io") == {"username": "hub", "password": "x", "serveraddress": HUB_KEY}
    assert (await said(one, "tokens.example"))["identitytoken"] == "t" * 8


async def test_nothing_is_sent_where_no_login_is_known(tmp_path: Path) -> None:
    """A registry may be open to all; what can't be read is no login."""
    assert await logins(tmp_path).headers("quay.io") == {}
    assert await logins(tmp_path, auths={"quay.io": {"auth": "no base64!"}}).headers("quay.io") == {}
    assert await Logins({}, str, tmp_path / "nowhere").headers("quay.io") == {}


async def test_a_credential_helper_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On its standard input, as the client does it."""
    helper = tmp_path / "docker-credential-made"
    answer = json.dumps({"Username": "<token>", "Secret": PASSWORD})
    helper.write_text(f"#!/bin/sh\n[ \"$1 $(cat)\" = 'get quay.io' ] && echo '{answer}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    one = logins(tmp_path, credsStore="made", auths={"other.example": entry("a:b")})
    assert await said(one, "quay.io") == {"identitytoken": PASSWORD, "serveraddress": "quay.io"}
    assert (await said(one, "other.example"))["username"] == "a"


async def test_a_credential_helper_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Rather than a refusal by the registry that nobody understands."""
    with pytest.raises(MissingError, match="docker-credential-nowhere"):
        await logins(tmp_path, credHelpers={"quay.io": "nowhere"}).headers("quay.io")


def test_a_repr_shows_no_password(tmp_path: Path) -> None:
    """The value is asked for when it is needed, and kept nowhere."""
    assert PASSWORD not in repr(vars(logins(tmp_path)))
