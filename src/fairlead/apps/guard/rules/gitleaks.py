"""Reads the rule files of gitleaks and betterleaks. What can't be converted is named and counted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.apps.guard.checks import Check, made
from fairlead.apps.guard.patterns.linear import PatternTooLarge, linear
from fairlead.apps.guard.patterns.reading import PatternError, read
from fairlead.apps.guard.patterns.tree import groups_in
from fairlead.apps.guard.patterns.writing import written
from fairlead.apps.guard.rules.model import Allowed, Rule, Rules, RulesError
from fairlead.errors import Problem

_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")
_KNOWN = frozenset(
    (
        *("id", "description", "regex", "keywords", "entropy", "secretGroup", "allowlist", "allowlists", "path"),
        *("tags", "severity", "report", "verify"),
    )
)
_ALLOWED = frozenset(
    ("description", "condition", "regexTarget", "regexes", "stopwords", "paths", "commits", "targetRules")
)


class Reading:
    """One file on its way to rules."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self.name = name
        self.document = document
        self.left_out: list[Problem] = []

    def leaves(self, where: str, what: str) -> None:
        self.left_out.append(Problem(self.name, 0, where, what))

    def rules(self) -> list[Rule]:
        if "extend" in self.document:
            self.leaves("extend", "not followed: give the path of that file too")
        for key in self.document:
            if key not in ("rules", "allowlist", "allowlists", "extend", "title", "description", "minVersion"):
                self.leaves(key, "not supported, left out")
        shared = self.lists(self.document, "the file's allowlist")
        return [rule for entry in self.document.get("rules", ()) if (rule := self.rule(entry, shared)) is not None]

    def lists(self, table: Mapping[str, Any], where: str) -> list[tuple[Allowed, tuple[str, ...]]]:
        """The allow lists of a rule or the file, each with the rules that it is for (none: all)."""
        given = [*table.get("allowlists", ()), *([table["allowlist"]] if "allowlist" in table else ())]
        return [(self.allowed(one, where), tuple(one.get("targetRules", ()))) for one in given]

    def allowed(self, table: Mapping[str, Any], where: str) -> Allowed:
        if "commits" in table:
            self.leaves(where, "commits: left out, a text has none")
        for key in table.keys() - _ALLOWED:
            self.leaves(where, f"{key}: not supported, left out")
        return Allowed(
            regexes=self.converted(table.get("regexes", ()), where),
            target=str(table.get("regexTarget", "secret")),
            stopwords=tuple(map(str, table.get("stopwords", ()))),
            paths=self.converted(table.get("paths", ()), where),
            every=str(table.get("condition", "OR")).upper() in ("AND", "&&"),
        )

    def converted(self, patterns: Iterable[str], where: str) -> tuple[str, ...]:
        """Patterns of Go's as RE2 on bytes reads them."""
        return tuple(text for pattern in patterns if (text := self.one(pattern, where)))

    def one(self, pattern: str, where: str) -> str:
        try:
            text = written(read(pattern))
            linear(text)
        except (PatternError, PatternTooLarge) as error:
            self.leaves(where, f"a pattern: {error}")
            return ""
        return text

    def rule(self, entry: Mapping[str, Any], shared: list[tuple[Allowed, tuple[str, ...]]]) -> Rule | None:
        name = str(entry.get("id", ""))
        where = f"rule {name}"
        for key in entry.keys() - _KNOWN:
            self.leaves(where, f"{key}: not supported, left out")
        if not entry.get("regex"):
            self.leaves(where, "has no regex, left out" if not entry.get("path") else "is for paths alone, left out")
            return None
        if not (groups := self.groups(entry, where)):
            return None
        lists = [*self.lists(entry, where), *(one for one in shared if not one[1] or name in one[1])]
        return self.built(entry, name, groups[1:], tuple(one for one, _ in lists))

    def groups(self, entry: Mapping[str, Any], where: str) -> tuple[int, ...]:
        """0 and the groups that may hold the secret: the one given, else all, the first first; () when it is wrong."""
        try:
            count = len(groups_in(read(entry["regex"])))
        except PatternError as error:
            self.leaves(where, f"regex: {error}, left out")
            return ()
        chosen = int(entry.get("secretGroup", 0))
        if chosen > count:
            self.leaves(where, f"secretGroup: there is no group {chosen}, left out")
            return ()
        return (0, chosen) if chosen else (0, *range(1, count + 1))

    def built(self, entry: Mapping[str, Any], name: str, groups: tuple[int, ...], allowed: tuple[Allowed, ...]) -> Rule:
        return Rule(
            id=_NAMES.sub("-", name),
            kind=str(entry.get("description", name)),
            severity=_severity(entry),
            pattern=str(entry["regex"]),
            keywords=tuple(str(word).lower() for word in entry.get("keywords", ())),
            checks=self.checks(entry),
            issuer=self.name,
            secret=groups,
            path=self.one(entry["path"], f"rule {name}") if entry.get("path") else "",
            allowed=allowed,
        )

    def checks(self, entry: Mapping[str, Any]) -> tuple[Check, ...]:
        entropy = float(entry.get("entropy", 0))
        return (made("entropy", entropy),) if entropy > 0 else ()


def _severity(entry: Mapping[str, Any]) -> Any:
    given = str(entry.get("severity", "high")).lower()
    return given if given in ("low", "medium", "high", "critical") else "high"


def read_others(files: Mapping[str, str]) -> Rules:
    """The rules of these files, and what could not be used. Raises `RulesError` for what is no such file at all."""
    rules: dict[str, Rule] = {}
    left_out: list[Problem] = []
    wrong: list[Problem] = []
    for name, text in files.items():
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            wrong.append(Problem(name, 0, "", f"not TOML: {str(error).lower()}"))
            continue
        if not isinstance(document.get("rules"), list):
            wrong.append(Problem(name, 0, "", "no [[rules]]: not a rule file of gitleaks or betterleaks"))
            continue
        reading = Reading(name, document)
        rules |= {rule.id: rule for rule in reading.rules()}
        left_out += reading.left_out
    if wrong:
        raise RulesError(wrong)
    return Rules(tuple(rules.values()), tuple(left_out))
