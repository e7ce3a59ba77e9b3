"""The price table: what is built in, and a file of one's own that goes before it.

Every price is as a vendor published it, with the day it was read and the page; what no page tells is not there, and a
model without a price is `UNKNOWN`, which is not the same as free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fairlead.apps.hub.money.cost import UNKNOWN, Price
from fairlead.apps.hub.money.entries import Entry, Prices
from fairlead.apps.hub.money.patterns import compiled, is_plain, weight
from fairlead.errors import FairleadError, Problem, StackError
from fairlead.kit import yaml

BUILT_IN = Path(__file__).parent / "prices"

MOST_REMEMBERED = 4096
"""Prices of models that were looked up: clients may choose the names."""


class PricesError(FairleadError):
    """A file of prices can't be used; `problems` has all that is wrong with it."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class PriceTable:
    """Looks prices up; the first of its files that knows a model decides."""

    def __init__(self, files: Iterable[Prices]) -> None:
        self._layers = [_Layer(file) for file in files]
        self._found: dict[tuple[str, str], Price] = {}

    @classmethod
    def of(cls, own: str | Path | None = None) -> PriceTable:
        """The built-in table, behind a file of one's own. Raises `PricesError`."""
        files = [] if own is None else [read(Path(own))]
        return cls([*files, *_built_in()])

    def price(self, kind: str, model: str) -> Price:
        """Of a model as its provider names it, by the kind of the provider; `UNKNOWN` when no file has it."""
        key = kind, model
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            found = self._found[key] = self._looked_up(kind.lower(), model.lower())
        return found

    def _looked_up(self, kind: str, model: str) -> Price:
        for layer in self._layers:
            if (found := layer.find(kind, model)) is not None:
                return found
        return UNKNOWN


def read(path: Path) -> Prices:
    """A file of prices, YAML or JSON. Raises `PricesError`."""
    try:
        document = yaml.read(path)
    except StackError as error:
        raise PricesError(error.problems) from None
    if document.problems:
        raise PricesError(document.problems)
    try:
        return Prices.model_validate(document.data)
    except ValidationError as error:
        raise PricesError([_told(dict(problem), document) for problem in error.errors()]) from None


def _told(problem: Mapping[str, Any], document: yaml.Document) -> Problem:
    path = tuple(problem["loc"])
    message = str(problem["msg"]).removeprefix("Value error, ")
    message = "unknown key" if problem["type"] == "extra_forbidden" else message[:1].lower() + message[1:]
    return Problem(document.file, document.line(path), yaml.dotted(path), message)


def _built_in() -> list[Prices]:
    return [Prices.model_validate_json(path.read_bytes()) for path in sorted(BUILT_IN.glob("*.json"))]


class _Layer:
    """One file, ready to be asked: plain names at once, patterns from the one that says most."""

    def __init__(self, file: Prices) -> None:
        self._plain: dict[tuple[str, str], list[Entry]] = {}
        self._patterns: dict[str, dict[str, list[Entry]]] = {}
        for entry in file.prices:
            for kind in entry.providers or file.providers:
                for model in entry.models:
                    self._add(kind, model, entry)

    def _add(self, kind: str, model: str, entry: Entry) -> None:
        if is_plain(model):
            self._plain.setdefault((kind, model), []).append(entry)
        else:
            self._patterns.setdefault(kind, {}).setdefault(model, []).append(entry)

    def find(self, kind: str, model: str) -> Price | None:
        entries = self._plain.get((kind, model))
        if entries is not None:
            return _priced(entries, model)
        patterns = self._patterns.get(kind, {})
        fitting = [pattern for pattern in patterns if compiled(pattern).fullmatch(model)]
        if not fitting:
            return None
        best = max(fitting, key=weight)
        return _priced(patterns[best], best)


def _priced(entries: Iterable[Entry], pattern: str) -> Price:
    return Price(sorted(entries, key=lambda entry: str(entry.since or "")), pattern)
