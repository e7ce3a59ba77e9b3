"""Secrets in the stack's encrypted file, which lives in the repository."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.engine.secrets import identity, sealed
from fairlead.engine.secrets.identity import KeyRing
from fairlead.engine.secrets.sealed import FILE, Sealed
from fairlead.engine.secrets.source import SOURCES, Asked, Known, Missing, Place, checked
from fairlead.engine.secrets.value import Secret
from fairlead.errors import FairleadError
from fairlead.stack.model.store import Secret as Spec


@SOURCES.register("encrypted")
class Encrypted:
    """An entry of the encrypted file."""

    def where(self, name: str, spec: Spec) -> str:
        return FILE if spec.key in (None, name) else f"{FILE} ({spec.key})"

    def look(self, asked: Asked, place: Place) -> Mapping[str, Secret | Missing]:
        try:
            content = sealed.read(place.base / FILE) or Sealed(())
            absent = {name: _absent(spec.key or name) for name, spec in asked.items() if not _has(content, name, spec)}
            rest = {name: spec for name, spec in asked.items() if name not in absent}
            return absent | (_opened(rest, content, identity.needed(place.environ)) if rest else {})
        except FairleadError as error:
            return dict.fromkeys(asked, _missing(error))

    def known(self, asked: Asked, place: Place) -> Mapping[str, Known]:
        try:
            content = sealed.read(place.base / FILE) or Sealed(())
        except FairleadError as error:
            return dict.fromkeys(asked, Known(False, error.message))
        return {name: _known(spec.key or name, content) for name, spec in asked.items()}


def _has(content: Sealed, name: str, spec: Spec) -> bool:
    return (spec.key or name) in content.entries


def _opened(asked: Asked, content: Sealed, ring: KeyRing) -> dict[str, Secret | Missing]:
    return {name: _one(spec.key or name, content, ring) for name, spec in asked.items()}


def _one(key: str, content: Sealed, ring: KeyRing) -> Secret | Missing:
    try:
        value = sealed.unseal(key, content.entries[key], content.recipients, ring)
        return checked(value, f"{FILE}: {key}", f"fairlead secrets set {key}")
    except FairleadError as error:
        return _missing(error)


def _known(key: str, content: Sealed) -> Known:
    entry = content.entries.get(key)
    return Known(True, changed=entry.changed) if entry else Known(False, _absent(key).why)


def _absent(key: str) -> Missing:
    return Missing(f"{FILE} has no {key}", f"fairlead secrets set {key}")


def _missing(error: FairleadError) -> Missing:
    return Missing(error.message, error.hint or f"see that {FILE} and the age key can be read")
