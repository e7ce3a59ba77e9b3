"""Secrets in variables of the environment that `fairlead` runs in."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.engine.secrets.source import SOURCES, Asked, Known, Missing, Place, checked, known_by_looking
from fairlead.engine.secrets.value import Secret
from fairlead.stack.model.store import Secret as Spec


@SOURCES.register("env")
class Environment:
    """A variable of the environment."""

    def where(self, name: str, spec: Spec) -> str:
        return f"variable {spec.env}"

    def look(self, asked: Asked, place: Place) -> Mapping[str, Secret | Missing]:
        return {name: _look(str(spec.env), place) for name, spec in asked.items()}

    def known(self, asked: Asked, place: Place) -> Mapping[str, Known]:
        return known_by_looking(self.look(asked, place))


def _look(variable: str, place: Place) -> Secret | Missing:
    return checked(place.environ.get(variable), f"the variable {variable}", f"export {variable}=… and try again")
