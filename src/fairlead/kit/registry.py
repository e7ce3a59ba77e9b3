"""Plugins of one kind, each one file: found in a package of ours and in the entry points of installed distributions.

A plugin registers itself by name; adding one edits nothing else. Nothing is imported before the first question is
asked, and a plugin of another distribution only when it is asked for. An unknown name is an error, never a fallback.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from fairlead.errors import UsageError
from fairlead.kit.suggest import hint

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")


class Registry(Generic[T]):
    """Plugins by name: those in the modules of `package`, and the entry points of `group`.

    `kind` is the word for one of them in messages.
    """

    def __init__(self, *, kind: str, package: str, group: str) -> None:
        self.kind = kind
        self.package = package
        self.group = group
        self._plugins: dict[str, T] = {}
        self._ours_loaded = False
        self._offered: dict[str, EntryPoint] | None = None

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator: make it known as `name`. Raises `ValueError` when the name is taken."""

        def keep(plugin: T) -> T:
            if name in self._plugins:
                raise ValueError(f"two {self.kind} plugins are called `{name}`: {self._plugins[name]!r} and {plugin!r}")
            self._plugins[name] = plugin
            return plugin

        return keep

    def get(self, name: str) -> T:
        """The plugin of that name. Raises `UsageError`, with a suggestion, when there is none."""
        self._load_named(name)
        if name not in self._plugins:
            self._load_ours()
        if name not in self._plugins and (offer := self._theirs().get(name)) is not None:
            self._plugins[name] = self._load(offer)
        if name not in self._plugins:
            raise UsageError(f"unknown {self.kind}: {name}", hint=hint(name, self.names()))
        return self._plugins[name]

    def names(self) -> list[str]:
        """Every name, in alphabetical order."""
        self._load_ours()
        return sorted({*self._plugins, *self._theirs()})

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def _load_named(self, name: str) -> None:
        """The module that is called as the plugin is, where there is one: who asks for one needs no others."""
        module = name.replace("-", "_")
        if name not in self._plugins and module.isidentifier():
            importlib.import_module(self.package)
            if importlib.util.find_spec(f"{self.package}.{module}") is not None:
                importlib.import_module(f"{self.package}.{module}")

    def _load_ours(self) -> None:
        if self._ours_loaded:
            return
        self._ours_loaded = True  # before the imports: one of them may ask us
        try:
            for module in pkgutil.iter_modules(importlib.import_module(self.package).__path__):
                importlib.import_module(f"{self.package}.{module.name}")
        except BaseException:
            self._ours_loaded = False
            raise

    def _theirs(self) -> dict[str, EntryPoint]:
        """Entry points by name. Raises `UsageError` for a name that is ours, or offered twice."""
        if self._offered is None:
            from importlib.metadata import entry_points  # slow to import, and seldom needed

            offered: dict[str, EntryPoint] = {}
            for offer in entry_points(group=self.group):
                if offer.name in offered or offer.name in self._plugins:
                    raise UsageError(
                        f"two {self.kind} plugins are called `{offer.name}`; one comes from {_origin(offer)}",
                        hint=f"uninstall one of the packages that offer it ({self.group})",
                    )
                offered[offer.name] = offer
            self._offered = offered
        return self._offered

    def _load(self, offer: EntryPoint) -> T:
        try:
            found: T = offer.load()
        except Exception as error:
            raise UsageError(
                f"{self.kind} `{offer.name}` of {_origin(offer)} can't be loaded: {type(error).__name__}: {error}",
                hint="update or uninstall that package",
            ) from error
        return found


def _origin(offer: EntryPoint) -> str:
    return f"the package {offer.dist.name}" if offer.dist else offer.value
