"""Every rule of ours is held against its own examples, and all of them against ordinary text."""

from __future__ import annotations

import sysconfig
from functools import cache
from pathlib import Path

import pytest
import re2

from fairlead.apps.guard.library import Library, loaded
from fairlead.apps.guard.rules import reference
from fairlead.apps.guard.rules.loading import ISSUERS, read_file
from fairlead.apps.guard.rules.model import Rule

FILES = sorted(ISSUERS.glob("*.toml"))
LEAST_ISSUERS = 250
SAMPLE_BYTES = 12_000_000


@cache
def rules_in(path: Path) -> tuple[Rule, ...]:
    rules, problems = read_file(path.name, path.read_text("utf-8"))
    assert not problems
    return tuple(rules)


@pytest.fixture(scope="module")
def guard() -> Library:
    return loaded()


def values(rule: Rule, text: str) -> list[tuple[int, str]]:
    """What one rule takes for a secret in a text: from which character on, and the value."""
    found = [(match.start(1), match[1]) for match in re2.finditer(rule.pattern, text)]
    return [(start, value) for start, value in found if all(check.passes(value) for check in rule.checks)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_rule_finds_its_examples_whole_and_nothing_that_only_looks_like_one(path: Path, guard: Library) -> None:
    """Each example holds one secret, the first two the same one among other neighbours; counterexamples hold none."""
    for rule in rules_in(path):
        texts = ["".join(halves) for halves in rule.yes]
        found = [values(rule, text) for text in texts]
        assert [len(each) for each in found] == [1] * len(texts), rule.id
        assert min(len(texts), len(rule.no)) >= 2, rule.id
        assert found[0][0][1] == found[1][0][1], rule.id
        assert not [text for halves in rule.no if values(rule, text := "".join(halves))], rule.id
        assert not [half for halves in rule.yes for half in halves if values(rule, half)], rule.id
        for text, [(start, value)] in zip(texts, found, strict=True):
            assert covered(guard, text, start, start + len(value)), rule.id
            assert value not in guard.redact(text)[0], rule.id


def covered(guard: Library, text: str, start: int, end: int) -> bool:
    """Whether the whole guard sees it too, by this rule or by one that takes more of the text."""
    return any(finding.start <= start and end <= finding.end for finding in guard.scan(text))


def test_the_rules_are_of_at_least_250_issuers_and_say_where_each_describes_its_tokens() -> None:
    """Names are unique, sources are pages, and a keyword stands in each line that a rule is to find."""
    rules = [rule for path in FILES for rule in rules_in(path)]
    assert len({rule.issuer for rule in rules}) == len(FILES) >= LEAST_ISSUERS
    assert len({rule.id for rule in rules}) == len(rules)
    assert all(rule.source.startswith("https://") and rule.keywords for rule in rules)


def test_both_engines_take_every_pattern(guard: Library) -> None:
    """What one of them refuses would be left out of the library."""
    assert not guard.left_out


def test_ordinary_text_is_left_alone_by_the_forms_of_issuers(guard: Library) -> None:
    """The source of the standard library, of which no megabyte holds a token of anybody."""
    read, found = 0, []
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if "site-packages" in path.parts or read > SAMPLE_BYTES:
            continue
        data = path.read_bytes()
        read += len(data)
        found += [finding for finding in guard.scan_bytes(data, str(path)) if not finding.rule.startswith("generic.")]
    assert read > SAMPLE_BYTES / 4
    assert len(found) <= read / 5_000_000, [(finding.rule, finding.start) for finding in found]


def test_the_reference_names_every_rule_once() -> None:
    """The page is written from the files."""
    page = reference.page()
    for path in FILES:
        for rule in rules_in(path):
            assert page.count(f"| `{rule.id}` |") == 1
