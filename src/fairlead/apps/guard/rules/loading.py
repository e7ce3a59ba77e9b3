"""Reads our rule files, one for each issuer. A wrong file is refused with every problem in it, not only the first."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from fairlead.apps.guard.checks import Check, ParameterError, made
from fairlead.apps.guard.findings import Severity
from fairlead.apps.guard.patterns.reading import PatternError, read
from fairlead.apps.guard.rules.forms import read_forms
from fairlead.apps.guard.rules.model import Example, Rule, RulesError
from fairlead.errors import Problem
from fairlead.kit.suggest import hint

ISSUERS = Path(__file__).parent / "issuers"
GENERIC = Path(__file__).parent / "generic"
"""Where passwords and keys without a form of their own stand: candidates that a scorer judges."""

_TOP = ("issuer", "source", "rule")
_KEYS = ("id", "kind", "severity", "keywords", "pattern", "checks", "yes", "no", "note", "source")
_NEEDED = ("id", "kind", "severity", "pattern")
_PLACEHOLDER = made("placeholder", "no")
_SEVERITIES: tuple[str, ...] = get_args(Severity)


class Reading:
    """One file on its way to rules; gathers its problems."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self.name = name
        self.document = document
        self.problems: list[Problem] = []
        self.at = ""

    def wrong(self, message: str, advice: str | None = None) -> None:
        self.problems.append(Problem(self.name, 0, self.at, message, advice))

    def rules(self) -> list[Rule]:
        self.knows(self.document, _TOP)
        for key in ("issuer", "source"):
            if not isinstance(self.document.get(key), str):
                self.wrong(f"`{key}` is missing")
        entries = self.document.get("rule", [])
        if not isinstance(entries, list) or not entries:
            self.wrong("no [[rule]]")
            return []
        return [rule for entry in entries if (rule := self.rule(entry)) is not None]

    def knows(self, table: Mapping[str, Any], known: Iterable[str]) -> None:
        for key in table:
            if key not in known:
                self.wrong(f"unknown key: {key}", hint(key, known))

    def rule(self, entry: Mapping[str, Any]) -> Rule | None:
        self.at = f"rule {entry.get('id', '?')}"
        before = len(self.problems)
        self.knows(entry, _KEYS)
        for key in _NEEDED:
            if not isinstance(entry.get(key), str) or not entry[key]:
                self.wrong(f"`{key}` is missing")
        if entry.get("severity") not in _SEVERITIES:
            self.wrong(f"severity: should be one of {', '.join(_SEVERITIES)}, got {entry.get('severity')!r}")
        self.pattern(str(entry.get("pattern", "")))
        made_of = self.built(entry)
        return made_of if len(self.problems) == before else None

    def pattern(self, text: str) -> None:
        try:
            read(text)
        except PatternError as error:
            self.wrong(f"pattern: {error}")

    def built(self, entry: Mapping[str, Any]) -> Rule:
        return Rule(
            id=_full_id(self.name, str(entry.get("id", ""))),
            kind=str(entry.get("kind", "")),
            severity=entry.get("severity", "high"),
            pattern=str(entry.get("pattern", "")),
            keywords=self.words(entry.get("keywords", [])),
            checks=(*self.checks(entry.get("checks", [])), _PLACEHOLDER),
            issuer=str(self.document.get("issuer", "")),
            source=str(entry.get("source", self.document.get("source", ""))),
            yes=self.examples("yes", entry.get("yes", [])),
            no=self.examples("no", entry.get("no", [])),
            note=str(entry.get("note", "")),
        )

    def words(self, given: object) -> tuple[str, ...]:
        if not isinstance(given, list) or not all(isinstance(word, str) and word for word in given):
            self.wrong(f"keywords: should be a list of words, got {given!r}")
            return ()
        for word in given:
            if word != word.lower():
                self.wrong(f"keywords: should be in lower case, got {word!r}")
        return tuple(given)

    def checks(self, given: object) -> tuple[Check, ...]:
        if not isinstance(given, list) or not all(isinstance(table, dict) for table in given):
            self.wrong("checks: should be a list of tables such as {entropy = 3.0}")
            return ()
        return tuple(check for table in given for item in table.items() if (check := self.check(*item)) is not None)

    def check(self, name: str, parameter: object) -> Check | None:
        try:
            return made(name, parameter)
        except ParameterError as error:
            self.wrong(f"checks: {error}")
            return None

    def examples(self, key: str, given: object) -> tuple[Example, ...]:
        if not isinstance(given, list) or not all(_is_halves(pair) for pair in given):
            self.wrong(f"{key}: should be a list of texts in two halves")
            return ()
        return tuple((pair[0], pair[1]) for pair in given)


def _is_halves(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(half, str) for half in pair)


def _full_id(file: str, name: str) -> str:
    """`github.app-token`, from the name of the file and that of the rule."""
    stem = Path(file).stem
    return name if name.startswith(f"{stem}.") or not stem else f"{stem}.{name}"


def read_file(name: str, text: str) -> tuple[list[Rule], list[Problem]]:
    """The rules of one file of ours, and what is wrong with it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [], [Problem(name, 0, "", f"not TOML: {str(error).lower()}")]
    reading = Reading(name, document)
    return reading.rules(), reading.problems


def ours() -> dict[str, str]:
    """Our rule files: name to text, in the order of their names."""
    paths = [*sorted(ISSUERS.glob("*.toml")), *sorted(GENERIC.glob("*.toml"))]
    return {f"{path.parent.name}/{path.name}": path.read_text("utf-8") for path in paths}


def rules_of(files: Mapping[str, str]) -> tuple[Rule, ...]:
    """Every rule of these files. Raises `RulesError` with every problem of each."""
    found: list[Rule] = []
    problems: list[Problem] = []
    for name, text in files.items():
        reads = read_forms if name.startswith(f"{GENERIC.name}/") else read_file
        rules, wrong = reads(name, text)
        found += rules
        problems += wrong
    problems += _twice(found)
    if problems:
        raise RulesError(problems)
    return tuple(found)


def _twice(rules: Iterable[Rule]) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for rule in rules:
        if rule.id in seen and not rule.generic:
            problems.append(Problem("", 0, f"rule {rule.id}", "there are two of this name"))
        seen.add(rule.id)
    return problems
