"""Which keys a stack file may have at a place, and what belongs there, read off the model itself."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from fairlead.kit.yaml import KeyPath
from fairlead.stack.model import Stack
from fairlead.stack.model.base import Kind


@dataclass(frozen=True, slots=True)
class Place:
    """What belongs at one place of a stack file."""

    annotation: Any
    metadata: tuple[Any, ...] = ()
    field: FieldInfo | None = None

    @property
    def model(self) -> type[BaseModel] | None:
        """The part of the model that is written here, if it is one."""
        return next((kind for kind in _choices(self.annotation) if _is_model(kind)), None)

    def children(self) -> Mapping[str, FieldInfo]:
        """Known keys below, as they are written in the file."""
        return {field.alias or name: field for name, field in self.model.model_fields.items()} if self.model else {}

    def below(self, key: str | int) -> Place | None:
        """The place that a key leads to."""
        for choice in _choices(self.annotation):
            origin, arguments = get_origin(choice), get_args(choice)
            if _is_model(choice):
                field = self.children().get(str(key))
                return of_field(field) if field else None
            if origin is dict and len(arguments) == 2:
                return of(arguments[1])
            if origin is list and isinstance(key, int):
                return of(arguments[0])
        return None

    def named(self) -> Place | None:
        """The place behind any name, where names are the user's own (`services.NAME`)."""
        return next((of(get_args(c)[1]) for c in _choices(self.annotation) if get_origin(c) is dict), None)

    def items(self) -> Place | None:
        """The place of a list's items."""
        return next((of(get_args(c)[0]) for c in _choices(self.annotation) if get_origin(c) is list), None)

    def key_place(self) -> Place | None:
        """What a key below may be, where keys are the user's own."""
        return next((of(get_args(c)[0]) for c in _choices(self.annotation) if get_origin(c) is dict), None)

    def example(self) -> str | None:
        """A value of this kind, or of the first kind it may be, as it is written."""
        if (kind := self._kind()) is not None:
            return kind.examples[0] if kind.examples else None
        members = (of(choice) for choice in _choices(self.annotation) if get_origin(choice) is Annotated)
        return next((example for member in members if (example := member.example())), None)

    def _kind(self) -> Kind | None:
        return next((note for note in self.metadata if isinstance(note, Kind)), None)

    def words(self) -> str:
        """What belongs here, for a message: `a duration with a unit, such as `30s``."""
        kind = self._kind()
        if kind is None:
            return " or ".join(dict.fromkeys(_words(choice) for choice in _choices(self.annotation)))
        shown = " or ".join(part for part in (", ".join(f"`{e}`" for e in kind.examples[:-1]), *_last(kind)) if part)
        return f"{kind.words}, such as {shown}" if shown else kind.words


def of(annotation: Any, notes: tuple[Any, ...] = (), field: FieldInfo | None = None) -> Place:
    """The place that an annotation describes, short forms included."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return of(inner, (*notes, *more), field)
    choices = _choices(annotation)
    if len(choices) == 1 and get_origin(choices[0]) is Annotated:
        return of(choices[0], notes, field)
    shorthands = (note.json_schema_input_type for note in notes if isinstance(note, BeforeValidator))
    accepted = next((kind for kind in shorthands if kind is not PydanticUndefined), annotation)
    return Place(accepted, notes, field)


def of_field(field: FieldInfo) -> Place:
    """The place of one field of the model."""
    return of(field.annotation, tuple(field.metadata), field)


ROOT = Place(Stack)


def at(path: KeyPath) -> Place | None:
    """The place at a path, or None where no key leads; overlays have the keys of the stack itself."""
    if len(path) >= 2 and path[0] == "environments":
        path = path[2:]
    place: Place | None = ROOT
    for key in path:
        place = place.below(key) if place else None
    return place


def choices(place: Place) -> tuple[Any, ...]:
    """The words that may be written at a place, if they are a closed set."""
    return tuple(word for kind in _choices(place.annotation) if get_origin(kind) is Literal for word in get_args(kind))


def _choices(annotation: Any) -> list[Any]:
    """The members of a union, less `None`."""
    if get_origin(annotation) in (Union, types.UnionType):
        return [choice for choice in get_args(annotation) if choice is not type(None)]
    return [annotation]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _last(kind: Kind) -> Iterator[str]:
    yield from (f"`{example}`" for example in kind.examples[-1:])


_SIMPLE = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Any: "anything"}


def _words(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return _one_of([str(word) for word in get_args(annotation)])
    if get_origin(annotation) is list:
        return f"a list: each {of(get_args(annotation)[0]).words()}"
    if get_origin(annotation) is Annotated:
        return of(annotation).words()
    if _is_model(annotation) or get_origin(annotation) is dict:
        return "a mapping"
    return _SIMPLE.get(annotation, "a value")


def _one_of(words: list[str]) -> str:
    return "one of " + ", ".join(f"`{word}`" for word in words) if len(words) > 1 else f"`{words[0]}`"
