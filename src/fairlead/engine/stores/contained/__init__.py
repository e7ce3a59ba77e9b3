"""Stores as containers of the official images; each kind that can is one file here that registers itself.

The folder of a store is the same as that of a server on this machine, data and passwords included, so that a stack can
change from one runtime to the other. Services in containers know a store by its name, everybody else by a port of
this machine's own address.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

from fairlead.engine.stores import StoreKind
from fairlead.kit.registry import Registry
from fairlead.stack.model.store import Store


@runtime_checkable
class ContainedKind(StoreKind, Protocol):
    """One kind of store in containers. `prepare` and `launch` want the pin of its image in `folder` (`pinned.py`)."""

    def image(self, store: Store, folder: Path) -> str:
        """The usual name of its image, of the version that the stack or, without one, the data ask for."""

    def inner_url(self, store: Store, folder: Path) -> str:
        """Its address for services in containers, with the password: a secret value."""


CONTAINED: Registry[ContainedKind] = Registry(
    kind="kind of store", package="fairlead.engine.stores.contained", group="fairlead.stores.contained"
)
"""Every kind that can run in a container, by its name in the stack file."""
