"""JSON as it arrives, taken apart field by field: what nobody took is what the protocol says and we have no words for.

Everything that is not as it should be raises `Unsayable` with the place; no other error ever comes of what was sent.
"""

from __future__ import annotations

from typing import Any, Self

import msgspec

from fairlead.apps.hub.calls import Json, Unsayable

OURS = "fairlead:"
"""Begins the names of extras that no protocol has, but a shape keeps for itself."""

_DECODER = msgspec.json.Decoder()
_ENCODER = msgspec.json.Encoder()


def decoded(body: bytes | str, what: str = "the body") -> Any:
    """Any JSON. Raises `Unsayable`."""
    try:
        return _DECODER.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise Unsayable(f"{what} is not JSON: {str(error)[:200]}") from error


def encoded(value: Any) -> bytes:
    """JSON without spaces. Raises `Unsayable` for what no JSON can hold (half a surrogate pair)."""
    try:
        return _ENCODER.encode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeError, TypeError, ValueError) as error:
        raise Unsayable(f"can't be written as JSON: {str(error)[:200]}") from error


def said(**fields: Any) -> Json:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


class Fields:
    """An object whose fields are taken one after another; `null` counts as not said."""

    __slots__ = ("_left", "where")

    def __init__(self, value: object, where: str = "") -> None:
        if not isinstance(value, dict):
            raise Unsayable(f"{where or 'the body'} should be an object")
        self._left: Json = dict(value)
        self.where = where

    def __contains__(self, name: str) -> bool:
        return self._left.get(name) is not None

    def at(self, name: str) -> str:
        """The place of a field, for messages."""
        return f"{self.where}.{name}" if self.where else name

    def peek(self, name: str) -> Any:
        """A field of any type, which is still to be taken."""
        return self._left.get(name)

    def any(self, name: str) -> Any:
        """Whatever it is."""
        return self._left.pop(name, None)

    def text(self, name: str) -> str | None:
        """A string."""
        value = self.any(name)
        if value is not None and not isinstance(value, str):
            raise Unsayable(f"{self.at(name)} should be a string")
        return value

    def need(self, name: str) -> str:
        """A string that has to be there."""
        if (value := self.text(name)) is None:
            raise Unsayable(f"{self.at(name)} is missing")
        return value

    def flag(self, name: str) -> bool | None:
        """True or false."""
        value = self.any(name)
        if value is not None and not isinstance(value, bool):
            raise Unsayable(f"{self.at(name)} should be true or false")
        return value

    def number(self, name: str) -> float | None:
        """Any number."""
        value = self.any(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise Unsayable(f"{self.at(name)} should be a number")
        return value

    def whole(self, name: str) -> int | None:
        """A number without a fraction (`12.0` is one: some vendors write counts so)."""
        value = self.number(name)
        if value is None or isinstance(value, int):
            return value
        if not value.is_integer():
            raise Unsayable(f"{self.at(name)} should be a whole number")
        return int(value)

    def json(self, name: str) -> Json | None:
        """An object as it is."""
        value = self.any(name)
        if value is not None and not isinstance(value, dict):
            raise Unsayable(f"{self.at(name)} should be an object")
        return value

    def part(self, name: str) -> Self | None:
        """An object to be taken apart in turn."""
        value = self.any(name)
        return None if value is None else type(self)(value, self.at(name))

    def items(self, name: str) -> list[Any]:
        """A list; an empty one when it is not there."""
        value = self.any(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise Unsayable(f"{self.at(name)} should be a list")
        return value

    def parts(self, name: str) -> list[Self]:
        """A list of objects to be taken apart."""
        where = self.at(name)
        return [type(self)(value, f"{where}[{index}]") for index, value in enumerate(self.items(name))]

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, or one string alone."""
        if isinstance(alone := self._left.get(name), str):
            del self._left[name]
            return (alone,)
        values = self.items(name)
        if not all(isinstance(value, str) for value in values):
            raise Unsayable(f"{self.at(name)} should be a list of strings")
        return tuple(values)

    def rest(self) -> Json:
        """What was said and nobody took. Raises `Unsayable` for a name that is ours."""
        found = {name: value for name, value in self._left.items() if value is not None}
        if found and any(name.startswith(OURS) for name in found):
            raise Unsayable(f"{self.at(OURS)}… is a name of the hub's own")
        return found
