"""What every part of the model shares: frozen, strict about keys, each field documented by the docstring beneath it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

from fairlead.kit import quantity


class Model(BaseModel):
    """A frozen part of a stack; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=False)


def _unit(parse: Callable[[str], Any], show: Callable[[Any], str], pattern: str, example: str) -> tuple[Any, ...]:
    """The annotations of a quantity: text with a unit in the file, a plain number in the program."""

    def read(value: object) -> Any:
        if isinstance(value, str):
            return parse(value)
        raise ValueError(f"expected text with a unit, such as `{example}`, got {value!r}")

    schema = {"type": "string", "pattern": pattern, "examples": [example]}
    return (BeforeValidator(read), PlainSerializer(show, return_type=str), WithJsonSchema(schema))


def shorthand(expand: Callable[[Any], Any], accepts: Any) -> BeforeValidator:
    """Let a field be written in a short form too: `expand` turns it into the full one, `accepts` is what editors offer."""
    return BeforeValidator(expand, json_schema_input_type=accepts)


def _words(value: object) -> object:
    return shlex.split(value) if isinstance(value, str) else value


def _cpu(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"expected an amount of CPU, such as `250m`, `1` or `1.5`, got {value!r}")
    return quantity.parse_cpu(str(value))


Duration = Annotated[
    float, *_unit(quantity.parse_duration, quantity.format_duration, r"^(\d+(\.\d+)?(ms|[smhdw]))+$", "30s")
]
"""A span of time; seconds in the program."""

Size = Annotated[int, *_unit(quantity.parse_size, quantity.format_size, r"^\d+(\.\d+)?(B|[kMGT]|[KMGT]i)$", "512Mi")]
"""An amount of memory or disk; bytes in the program."""

Percent = Annotated[
    float, *_unit(quantity.parse_percent, quantity.format_percent, r"^\d+(\.\d+)?%$", "70%"), Field(ge=0)
]
"""Hundredths; the number before the sign in the program."""

Cpu = Annotated[
    float,
    BeforeValidator(_cpu),
    PlainSerializer(quantity.format_cpu, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^\d+(\.\d+)?m?$"}, {"type": "number"}]}),
]
"""Processor cores; `250m` is a quarter of one."""

Rate = Annotated[
    tuple[int, float], *_unit(quantity.parse_rate, quantity.format_rate, r"^\d+/(\d+(\.\d+)?)?(ms|[smhdw])$", "100/s")
]
"""So many in a span of time; a count and seconds in the program."""

Money = Annotated[
    float, *_unit(quantity.parse_money, quantity.format_money, r"^(\$\s*[\d,.]+|[\d,.]+\s*USD)$", "$0.02"), Field(ge=0)
]
"""US dollars."""

Command = Annotated[list[str], shorthand(_words, str | list[str]), Field(min_length=1)]
"""A program and its arguments: a list, or text split as a shell would, with no shell."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$")]
"""A DNS label (RFC 1123) of at most 40 characters that begins with a letter, so that every target can use it as it is."""

EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
"""The name of an environment variable."""

PortNumber = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""

HttpPath = Annotated[str, StringConstraints(pattern=r"^/[^\s?#]*$")]
"""A path that begins with a slash, without query."""

Cron = Annotated[str, StringConstraints(pattern=r"^\S+ \S+ \S+ \S+ \S+$")]
"""Five fields of cron: minute, hour, day of month, month, day of week; UTC."""
