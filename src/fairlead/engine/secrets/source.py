"""What a source of secrets is: one file in this package, named after the field of the stack file that chooses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fairlead.engine.secrets.value import Secret
from fairlead.kit.registry import Registry
from fairlead.stack.model.store import Secret as Spec


@dataclass(frozen=True, slots=True)
class Place:
    """Where sources look: the folder of the stack file, and the environment of whoever asks."""

    base: Path
    environ: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a secret has no value, and how to give it one."""

    why: str
    hint: str


@dataclass(frozen=True, slots=True)
class Known:
    """What can be told of a secret without opening it. `changed`: seconds since the epoch, where the source knows."""

    present: bool
    problem: str | None = None
    changed: float | None = None


Asked = Mapping[str, Spec]
"""Secret -> what the stack file says of it."""


class Source(Protocol):
    """One place where values are found. All secrets of a source are asked for together: a file is read once."""

    def where(self, name: str, spec: Spec) -> str:
        """The place in words: "variable OPENAI_API_KEY"."""

    def look(self, asked: Asked, place: Place) -> Mapping[str, Secret | Missing]:
        """A value for each, or why there is none."""

    def known(self, asked: Asked, place: Place) -> Mapping[str, Known]:
        """What is there, without opening what is locked."""


SOURCES: Registry[Callable[[], Source]] = Registry(
    kind="source of secrets", package="fairlead.engine.secrets", group="fairlead.secrets"
)
"""Every source, by the field of a secret that chooses it."""


def chosen(spec: Spec) -> str:
    """The name of the source that the stack file chose."""
    return next(name for name in SOURCES if getattr(spec, name, None))


def known_by_looking(answers: Mapping[str, Secret | Missing]) -> dict[str, Known]:
    """What is known of secrets in a source that is not locked."""
    return {
        name: Known(False, answer.why) if isinstance(answer, Missing) else Known(True)
        for name, answer in answers.items()
    }


def checked(value: str | None, what: str, hint: str) -> Secret | Missing:
    """The value, unless there is none or it can't be given to a program. `what` is where it was looked for."""
    if value is None:
        return Missing(f"{what} is not set", hint)
    if not value:
        return Missing(f"{what} is empty", hint)
    if "\0" in value:
        return Missing(f"{what} holds a NUL character", hint)
    try:
        value.encode()
    except UnicodeEncodeError:
        return Missing(f"{what} is not UTF-8 text", hint)
    return Secret(value)
