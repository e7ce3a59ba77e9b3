"""What a pattern can't say about a token: its randomness, its checksum, its inner structure. Small pure functions.

A check takes the value and the parameter that the rule gives (`{entropy = 3.0}`) and says whether the value can be what
the rule looks for. A check that *proves* it (a checksum, a structure that random text does not have) makes a finding
sure; one that *doubts* lets a value that fails it be reported all the same, less sure and with that among the reasons:
people try a guard with tokens that they made up. Each file here registers its own with `@check`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from fairlead.kit.suggest import hint

Parameter: TypeAlias = str | int | float | bool | tuple[int, ...]
Reads: TypeAlias = Callable[[object], Parameter]
Judge: TypeAlias = Callable[[str, Any], bool]


class ParameterError(ValueError):
    """A rule gives a check something that it can't work with."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of check: how it judges, how it reads its parameter, what passing it proves and failing it doubts."""

    name: str
    judge: Judge
    reads: Reads
    proves: bool
    doubts: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A sort of check with the parameter of one rule."""

    kind: Kind
    parameter: Parameter

    def passes(self, value: str) -> bool:
        return self.kind.judge(value, self.parameter)

    @property
    def words(self) -> str:
        """For the reasons of a finding: `checksum github`."""
        return f"{self.kind.name} {self.parameter}"


_kinds: dict[str, Kind] = {}


def check(name: str, reads: Reads, *, proves: bool = False, doubts: bool = False) -> Callable[[Judge], Judge]:
    """Decorator: make a function known as the check `name`."""

    def keep(judge: Judge) -> Judge:
        _kinds[name] = Kind(name, judge, reads, proves, doubts)
        return judge

    return keep


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """Every sort of check, by name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return _kinds


def doubts(checks: Iterable[Check], value: str) -> tuple[Check, ...] | None:
    """The checks that a value fails and may be a secret all the same; None when it can be none."""
    found = []
    for each in checks:
        if not each.passes(value):
            if not each.kind.doubts:
                return None
            found.append(each)
    return tuple(found)


def made(name: str, parameter: object) -> Check:
    """The check that a rule asks for. Raises `ParameterError`."""
    kind = kinds().get(name)
    if kind is None:
        meant = hint(name, kinds())
        raise ParameterError(f"unknown check: {name}" + (f" ({meant})" if meant else ""))
    try:
        return Check(kind, kind.reads(parameter))
    except ParameterError as error:
        raise ParameterError(f"{name}: {error}") from None
