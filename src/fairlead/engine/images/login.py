"""How the engine logs in to a registry: by the stack's own secret, else as `docker login` has it.

The answer is a header that goes to the Docker engine and nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fairlead.engine.images.reference import HUB
from fairlead.errors import MissingError
from fairlead.stack.model.docker import Registry

HEADER = "X-Registry-Auth"
HUB_KEY = "https://index.docker.io/v1/"
"""The name under which `docker login` keeps the login to Docker's own registry."""

TOKEN_USER = "<token>"  # noqa: S105 - what a credential helper says in place of a user
HELPER_WITHIN_S = 30.0


class Logins:
    """Logins of a stack; `value` gives the value of one of its secrets."""

    def __init__(self, registries: Mapping[str, Registry], value: Callable[[str], str], folder: Path | None = None):
        self._registries = registries
        self._value = value
        self._folder = folder or Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")

    async def headers(self, host: str) -> dict[str, str]:
        """What is sent along to fetch from a registry; nothing where no login is known."""
        found = self._own(host) or await self._cli(host)
        if found is None:
            return {}
        text = json.dumps({**found, "serveraddress": HUB_KEY if host == HUB else host})
        return {HEADER: base64.urlsafe_b64encode(text.encode()).decode()}

    def _own(self, host: str) -> dict[str, str] | None:
        own = self._registries.get(host)
        return {"username": own.user, "password": self._value(own.secret)} if own else None

    async def _cli(self, host: str) -> dict[str, str] | None:
        config, key = self._config(), HUB_KEY if host == HUB else host
        helper = config.get("credHelpers", {}).get(key) or config.get("credsStore")
        if helper and (found := await _asked(str(helper), key)):
            return found
        auths = config.get("auths", {})
        entry = auths.get(key) or auths.get(f"https://{key}")
        return _kept(entry) if isinstance(entry, dict) else None

    def _config(self) -> dict[str, Any]:
        try:
            found = json.loads((self._folder / "config.json").read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _kept(entry: Mapping[str, Any]) -> dict[str, str] | None:
    """The login in an entry of the client's file: base64 of `user:password`, or a token."""
    if entry.get("identitytoken"):
        return {"identitytoken": str(entry["identitytoken"])}
    try:
        user, colon, password = base64.b64decode(str(entry.get("auth", ""))).decode().partition(":")
    except ValueError:
        return None
    return {"username": user, "password": password} if colon else None


async def _asked(helper: str, key: str) -> dict[str, str] | None:
    """What a credential helper of the Docker client says (https://github.com/docker/docker-credential-helpers)."""
    program = f"docker-credential-{helper}"
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            "get",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        raise MissingError(
            f"{program}: not found, and the Docker client's configuration names it for logins to {key}",
            hint="install it, or give the login under `docker.registries` in the stack file",
        ) from None
    try:
        async with asyncio.timeout(HELPER_WITHIN_S):
            said, _ = await process.communicate(key.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _understood(said) if process.returncode == 0 else None


def _understood(said: bytes) -> dict[str, str] | None:
    try:
        found = json.loads(said)
        user, secret = str(found["Username"]), str(found["Secret"])
    except (ValueError, KeyError, TypeError):
        return None
    return {"identitytoken": secret} if user == TOKEN_USER else {"username": user, "password": secret}
