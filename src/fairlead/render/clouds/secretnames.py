"""The name of a secret in a cloud's manager: not every one takes slashes."""

from __future__ import annotations

SLASHES = {"aws"}


def manager_key(provider: str | None, key: str) -> str:
    """As the provider takes it; External Secrets asks by the same name."""
    return key if provider is None or provider in SLASHES else key.replace("/", "-").replace("_", "-")
