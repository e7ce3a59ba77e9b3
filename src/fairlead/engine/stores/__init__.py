"""Kinds of stores that one machine can run, one file each."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

from fairlead.engine.runtime import Launch
from fairlead.kit.registry import Registry
from fairlead.stack.model.store import Store


class StoreKind(Protocol):
    """What the engine asks of a kind of store."""

    stop_signal: Literal["SIGTERM", "SIGINT"]

    def find(self, version: str | None) -> object:
        """Its programs. Raises `BinaryMissing` with what to install."""

    def prepare(self, store: Store, folder: Path, port: int) -> None:
        """Make its folder, its password and its configuration, once; harmless to repeat."""

    def launch(self, store: Store, folder: Path, port: int) -> Launch:
        """What it is started with."""

    async def ready(self, store: Store, folder: Path, port: int) -> str | None:
        """`None` when it answers in its own protocol, else why not."""

    def url(self, store: Store, folder: Path, port: int) -> str:
        """Its address with its password: a secret value."""

    def address(self, store: Store, folder: Path, port: int) -> str:
        """Its address without a password."""


STORES: Registry[StoreKind] = Registry(kind="store", package="fairlead.engine.stores", group="fairlead.stores")
"""Every kind of store by its name."""
