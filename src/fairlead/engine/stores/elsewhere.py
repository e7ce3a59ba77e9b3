"""Kinds of store that one machine does not run: they are reached at an address, or they are missing."""

from __future__ import annotations

from pathlib import Path

from fairlead.engine.runtime import Launch
from fairlead.engine.secrets.value import Secret
from fairlead.engine.stores import external
from fairlead.engine.stores.programs import Binaries
from fairlead.errors import MissingError
from fairlead.stack.model.store import Store


class Elsewhere:
    """A kind that somebody else runs."""

    stop_signal = "SIGTERM"

    def __init__(self, name: str) -> None:
        self.name = name

    def find(self, version: str | None) -> Binaries:
        raise self._missing()

    def prepare(self, store: Store, folder: Path, port: int) -> None:
        raise self._missing()

    def launch(self, store: Store, folder: Path, port: int) -> Launch:
        raise self._missing()

    async def ready(self, store: Store, folder: Path, port: int) -> str | None:
        if not external.outside(store):
            raise self._missing()
        return await external.ready(store)

    def url(self, store: Store, folder: Path, port: int) -> str:
        if store.external is None:
            raise self._missing()
        return store.external

    def address(self, store: Store, folder: Path, port: int) -> str:
        return external.shown(self.url(store, folder, port))

    def passwords(self, folder: Path) -> list[Secret]:
        return []

    def _missing(self) -> MissingError:
        return MissingError(
            f"one machine does not run {self.name}",
            hint="give the store `external:` with its URL, or `external_secret:` with the secret that holds its URL",
        )
