"""From the names of secrets to their values: all that are missing are told at once, each with how to set it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fairlead.engine.secrets import identity, sealed
from fairlead.engine.secrets.source import SOURCES, Known, Missing, Place, chosen
from fairlead.engine.secrets.value import Secret
from fairlead.errors import FairleadError, SecretMissing, UsageError
from fairlead.kit.suggest import hint
from fairlead.stack.model import Stack
from fairlead.stack.model.store import Secret as Spec


@dataclass(frozen=True, slots=True)
class Row:
    """What a person is told of one secret. Times in seconds since the epoch; `None` where nobody knows."""

    name: str
    source: str
    present: bool
    problem: str | None = None
    changed: float | None = None
    rotate_due: float | None = None
    description: str = ""


def resolve(stack: Stack, names: Iterable[str], *, base: Path, environ: Mapping[str, str]) -> dict[str, Secret]:
    """The value of each secret. `base` is the folder of the stack file.

    Raises `UsageError` for a name the stack does not declare, `SecretMissing` with every one that has no value.
    """
    asked = {name: _declared(stack, name) for name in names}
    place = Place(base, environ)
    found = {
        name: answer
        for source, group in _by_source(asked).items()
        for name, answer in SOURCES.get(source)().look(group, place).items()
    }
    missing = {name: answer for name, answer in found.items() if isinstance(answer, Missing)}
    if missing:
        raise _all_missing({name: missing[name] for name in asked if name in missing})
    return {name: answer for name, answer in found.items() if isinstance(answer, Secret)}


def list_secrets(stack: Stack, *, base: Path, environ: Mapping[str, str]) -> list[Row]:
    """Every secret of the stack, and every entry of the encrypted file that the stack does not use; opens nothing."""
    place = Place(base, environ)
    rows = [
        _row(name, stack.secrets[name], SOURCES.get(source)().where(name, stack.secrets[name]), known)
        for source, group in _by_source(stack.secrets).items()
        for name, known in SOURCES.get(source)().known(group, place).items()
    ]
    return sorted(rows, key=lambda row: row.name) + _unused(stack, base)


def variables(stack: Stack) -> list[str]:
    """The variables of the environment that the secrets of a stack are looked up with."""
    named = {spec.env for spec in stack.secrets.values() if spec.env}
    keys = identity.VARIABLES if any(spec.encrypted for spec in stack.secrets.values()) else ()
    return sorted({*named, *keys})


def _declared(stack: Stack, name: str) -> Spec:
    if name not in stack.secrets:
        raise UsageError(f"unknown secret: {name}", hint=hint(name, stack.secrets, none="declare it under `secrets`"))
    return stack.secrets[name]


def _by_source(asked: Mapping[str, Spec]) -> dict[str, dict[str, Spec]]:
    groups: dict[str, dict[str, Spec]] = {}
    for name, spec in asked.items():
        groups.setdefault(chosen(spec), {})[name] = spec
    return groups


def _all_missing(missing: Mapping[str, Missing]) -> SecretMissing:
    hints = "\n".join(dict.fromkeys(answer.hint for answer in missing.values()))
    if len(missing) == 1:
        name, answer = next(iter(missing.items()))
        return SecretMissing(f"secret {name} has no value: {answer.why}", hint=hints)
    lines = [f"  {name}: {answer.why}" for name, answer in missing.items()]
    return SecretMissing("\n".join([f"{len(missing)} secrets have no value:", *lines]), hint=hints)


def _row(name: str, spec: Spec, where: str, known: Known) -> Row:
    due = known.changed + spec.rotate if known.changed is not None and spec.rotate else None
    return Row(name, where, known.present, known.problem, known.changed, due, spec.description)


def _unused(stack: Stack, base: Path) -> list[Row]:
    try:
        content = sealed.read(base / sealed.FILE)
    except FairleadError:
        return []  # told already, in the row of each secret that is in it
    used = {spec.key or name for name, spec in stack.secrets.items() if spec.encrypted}
    entries = content.entries if content else {}
    return [
        Row(name, sealed.FILE, True, "the stack does not use it", entry.changed)
        for name, entry in sorted(entries.items())
        if name not in used
    ]
