"""Reads the parameters that rules give to checks; anything else is an error with what was found."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.apps.guard.checks import Parameter, ParameterError, Reads


def number(value: object) -> Parameter:
    """A number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ParameterError(f"should be a number above 0, got {value!r}")
    return float(value)


def yes(value: object) -> Parameter:
    """`true`; leaving the check out is how one says no."""
    if value is not True:
        raise ParameterError(f"should be true, got {value!r}")
    return True


def lengths(value: object) -> Parameter:
    """One length, or the least and the greatest."""
    given = [value] if isinstance(value, int) else value
    if not isinstance(given, list) or len(given) not in (1, 2) or not all(type(n) is int and n > 0 for n in given):
        raise ParameterError(f"should be a length or [least, most], got {value!r}")
    return given[0], given[-1]


def one_of(names: Iterable[str]) -> Reads:
    """A name out of these."""
    known = tuple(names)

    def read(value: object) -> Parameter:
        if value not in known:
            raise ParameterError(f"should be one of {', '.join(known)}, got {value!r}")
        return str(value)

    return read
