"""Stores that run on this machine from the servers installed on it; each kind is one file here that registers itself.

A kind says how its server is found, made ready for its first start, launched, asked and addressed. Starting, keeping
alive and stopping are the engine's, through the Runtime seam.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from fairlead.engine.runtime import Launch
from fairlead.engine.secrets.value import Secret
from fairlead.engine.stores.programs import Binaries
from fairlead.kit.registry import Registry
from fairlead.stack.model.store import Store


class StoreKind(Protocol):
    """One kind of store. `folder` belongs to one store, is kept between runs, and is named after the store."""

    name: str
    stop_signal: str
    """The signal of an orderly end that does not wait for clients."""

    def find(self, version: str | None) -> Binaries:
        """The installed server of that version, the newest when `None`.

        Raises `BinaryMissing` with what to install, or `MissingError` for a kind that one machine does not run.
        """

    def prepare(self, store: Store, folder: Path, port: int) -> None:
        """Everything that has to be there before a start; a second time it changes nothing but the configuration.

        Blocks for about a second the first time. Killed half way, the next one begins anew. Raises `StateError` for a
        folder that can't be used, `RuntimeFailure` for settings that the server would not take.
        """

    def launch(self, store: Store, folder: Path, port: int) -> Launch:
        """How the server is started, after `prepare`."""

    async def ready(self, store: Store, folder: Path, port: int) -> str | None:
        """`None` when it answers in its own protocol to whoever has the password, else why not.

        Of an external one: whether it accepts connections. Of one that runs here: never raises.
        """

    def url(self, store: Store, folder: Path, port: int) -> str:
        """Its address with the password: a secret value."""

    def address(self, store: Store, folder: Path, port: int) -> str:
        """Its address without the password, for people."""

    def passwords(self, folder: Path) -> list[Secret]:
        """Every value made for this store that must not be shown."""


STORES: Registry[StoreKind] = Registry(kind="kind of store", package="fairlead.engine.stores", group="fairlead.stores")
"""Every kind by its name in the stack file."""
