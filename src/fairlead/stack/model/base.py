"""What every part of the model shares: frozen, strict about keys, each field documented by the docstring beneath it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

from fairlead.kit import quantity


class Model(BaseModel):
    """A frozen part of a stack; an unknown key is an error, and so is text where a number belongs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=False)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is called in messages and in the reference."""

    words: str
    """With its article: `a duration with a unit`."""

    examples: tuple[str, ...] = ()
    """As they are written in the file."""


def _unit(
    parse: Callable[[str], Any], show: Callable[[Any], str], pattern: str, words: str, *examples: str
) -> tuple[Any, ...]:
    """The annotations of a quantity: text with a unit in the file, a plain number in the program."""

    def read(value: object) -> Any:
        if isinstance(value, str):
            return parse(value)
        raise ValueError(f"expected {words}")

    schema = {"type": "string", "pattern": pattern, "examples": list(examples)}
    kind = Kind(words, examples)
    return (BeforeValidator(read), PlainSerializer(show, return_type=str), WithJsonSchema(schema), kind)


def shorthand(expand: Callable[[Any], Any], accepts: Any) -> BeforeValidator:
    """Let a field be written in a short form too: `expand` makes it the full one, `accepts` is what editors offer."""
    return BeforeValidator(expand, json_schema_input_type=accepts)


def _words(value: object) -> object:
    return shlex.split(value) if isinstance(value, str) else value


def _cpu(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("expected an amount of CPU")
    return quantity.parse_cpu(str(value))


def _version(value: object) -> object:
    return str(value) if type(value) is int else value


Duration = Annotated[
    float,
    *_unit(
        quantity.parse_duration,
        quantity.format_duration,
        r"^(\d+(\.\d+)?(ms|[smhdw]))+$",
        "a duration with a unit",
        "30s",
        "5m",
        "1h30m",
        "250ms",
    ),
]
"""A span of time; seconds in the program."""

Size = Annotated[
    int,
    *_unit(
        quantity.parse_size,
        quantity.format_size,
        r"^\d+(\.\d+)?\s*(B|[kMGT]|[KMGT]i)$",
        "a size with a unit",
        "512Mi",
        "1Gi",
        "10G",
    ),
]
"""An amount of memory or disk; bytes in the program."""

Percent = Annotated[
    float,
    *_unit(quantity.parse_percent, quantity.format_percent, r"^\d+(\.\d+)?\s*%$", "a percentage", "70%", "99.95%"),
    Field(ge=0),
]
"""Hundredths; the number before the sign in the program."""

Cpu = Annotated[
    float,
    BeforeValidator(_cpu),
    PlainSerializer(quantity.format_cpu, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^\d+(\.\d+)?m?$"}, {"type": "number"}]}),
    Kind("an amount of CPU", ("250m", "1", "1.5")),
]
"""Processor cores; `250m` is a quarter of one."""

Rate = Annotated[
    tuple[int, float],
    *_unit(
        quantity.parse_rate,
        quantity.format_rate,
        r"^\d+\s*/\s*(\d+(\.\d+)?)?(ms|[smhdw])$",
        "a rate",
        "100/s",
        "600/m",
        "10/30s",
    ),
]
"""So many in a span of time; a count and seconds in the program."""

Money = Annotated[
    float,
    *_unit(
        quantity.parse_money,
        quantity.format_money,
        r"^(\$\s*[\d,]+(\.\d+)?|[\d,]+(\.\d+)?\s*USD)$",
        "an amount in US dollars",
        "$0.02",
        "400 USD",
    ),
    Field(ge=0),
]
"""US dollars."""

Ratio = Annotated[float, Field(gt=1), Kind("a number greater than 1", ("1.5",))]
"""How many times as much."""

Command = Annotated[
    list[str],
    shorthand(_words, str | list[str]),
    Field(min_length=1),
    Kind("a command, as text or as a list", ("python app.py", "[python, app.py]")),
]
"""A program and its arguments: a list, or text split as a shell would, with no shell."""

Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$"),
    Kind("a name of at most 40 lower-case letters, digits and dashes that begins with a letter", ("web-2",)),
]
"""A DNS label (RFC 1123) of at most 40 characters that begins with a letter, so that every target can use it."""

EnvName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"),
    Kind("the name of an environment variable: letters, digits and underscores", ("DATABASE_URL",)),
]
"""The name of an environment variable."""

PortNumber = Annotated[int, Field(ge=1, le=65535), Kind("a port from 1 to 65535", ("8080",))]
"""A TCP port."""

HttpPath = Annotated[
    str,
    StringConstraints(pattern=r"^/[^\s?#]*$"),
    Kind("a path that begins with a slash, without query", ("/health",)),
]
"""A path that begins with a slash, without query."""

Cron = Annotated[
    str,
    StringConstraints(pattern=r"^\S+ \S+ \S+ \S+ \S+$"),
    Kind("five fields of cron (minute, hour, day of month, month, day of week)", ("30 2 * * *",)),
]
"""Five fields of cron: minute, hour, day of month, month, day of week; UTC."""

Scalar = Annotated[str | int | float | bool, Kind("text, a number, true or false")]
"""A value that ends up as text in an environment or a configuration file."""


def _threshold(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.strip().endswith("%"):
        return quantity.parse_percent(value) / 100
    return quantity.parse_duration(value)


Threshold = Annotated[
    float,
    shorthand(_threshold, str | float),
    Kind("a number, a percentage or a duration", ("0.5", "1%", "500ms")),
]
"""A bound of a metric: in the metric's own unit; percentages are parts of one, durations are seconds."""

Version = Annotated[
    str,
    shorthand(_version, str | int),
    StringConstraints(min_length=1),
    Kind("a version", ("16", '"1.31"')),
]
"""A version; one with a dot is text, so that `1.30` does not become `1.3`."""
