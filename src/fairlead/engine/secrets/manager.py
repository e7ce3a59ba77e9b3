"""Secrets in the secret manager of a cluster or a cloud: rendered for those targets, out of reach for one machine."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.engine.secrets.source import SOURCES, Asked, Known, Missing, Place, known_by_looking
from fairlead.engine.secrets.value import Secret
from fairlead.stack.model.store import Secret as Spec


@SOURCES.register("manager")
class Manager:
    """A key in a secret manager."""

    def where(self, name: str, spec: Spec) -> str:
        return f"manager {spec.manager}"

    def look(self, asked: Asked, place: Place) -> Mapping[str, Secret | Missing]:
        return {name: _missing(name) for name in asked}

    def known(self, asked: Asked, place: Place) -> Mapping[str, Known]:
        return known_by_looking(self.look(asked, place))


def _missing(name: str) -> Missing:
    return Missing(
        "it is in a secret manager, which one machine does not ask",
        f"give secrets.{name} an `env`, `file` or `encrypted` in an environment for this machine",
    )
