"""A scan told to people, to programs, to code scanning and to a pull request; never a value."""

from collections.abc import Callable
from typing import Final

from fairlead.apps.guard.scanning.reports import annotations, json, sarif, text
from fairlead.apps.guard.scanning.scan import Report

FORMS: Final[dict[str, Callable[[Report], str]]] = {
    "text": text.told,
    "json": json.told,
    "sarif": sarif.told,
    "github": annotations.told,
}
"""By name."""
