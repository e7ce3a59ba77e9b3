"""Reads the rules for secrets without a form of their own: names that say "secret", in the ways values are assigned."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fairlead.apps.guard.patterns.reading import PatternError, read
from fairlead.apps.guard.rules.model import Rule
from fairlead.errors import Problem

NAMES = "<names>"
"""Where a form has the names of a rule."""


def read_forms(name: str, text: str) -> tuple[list[Rule], list[Problem]]:
    """Every rule in every form, and what is wrong with the file."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [], [Problem(name, 0, "", f"not TOML: {str(error).lower()}")]
    problems = []
    rules = []
    for rule in _crossed(name, document):
        try:
            read(rule.pattern)
            rules.append(rule)
        except PatternError as error:
            problems.append(Problem(name, 0, f"rule {rule.id}, {rule.note}", f"pattern: {error}"))
    return rules, problems


def _crossed(name: str, document: Mapping[str, Any]) -> Iterator[Rule]:
    for entry in document["rule"]:
        for note, pattern in _patterns(entry, document.get("form", ())):
            yield Rule(
                id=f"{Path(name).stem}.{entry['id']}",
                kind=entry["kind"],
                severity=entry["severity"],
                pattern=pattern,
                issuer=document["issuer"],
                source=document["source"],
                note=note,
                generic=True,
            )


def _patterns(entry: Mapping[str, Any], forms: Any) -> Iterator[tuple[str, str]]:
    for pattern in entry.get("patterns", ()):
        yield entry["kind"], pattern
    if "names" in entry:
        for form in forms:
            yield form["name"], form["pattern"].replace(NAMES, entry["names"])
