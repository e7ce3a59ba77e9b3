"""Rule files: read whole, refused with every problem they have."""

from __future__ import annotations

import pytest

from fairlead.apps.guard.rules.forms import read_forms
from fairlead.apps.guard.rules.loading import ours, read_file, rules_of
from fairlead.apps.guard.rules.model import RulesError

GOOD = """
issuer = "Acme"
source = "https://acme.example/tokens"

[[rule]]
id = "token"
kind = "Acme token"
severity = "high"
keywords = ["acme_"]
pattern = '''\\bacme_(?P<secret>[a-z]{8})\\b'''
checks = [{ entropy = 2.0 }, { length = [8, 8] }]
yes = [["acme_ab", "cdefgh"]]
note = "why"
"""


def test_a_rule_is_read_with_its_checks_and_examples() -> None:
    """Its name is the file's and its own; placeholders are none of its secrets."""
    (rule,), problems = read_file("issuers/acme.toml", GOOD)

    assert not problems
    assert (rule.id, rule.issuer, rule.severity) == ("acme.token", "Acme", "high")
    assert [check.words for check in rule.checks] == ["entropy 2.0", "length (8, 8)", "placeholder no"]
    assert rule.yes == (("acme_ab", "cdefgh"),)


def test_all_problems_of_all_files_are_named_at_once() -> None:
    """With the file and the rule that each is in, and what was meant."""
    bad = (
        GOOD.replace("severity", "severty")
        .replace("entropy", "entropie")
        .replace("[a-z]{8}", "(?=x)")
        .replace('["acme_"]', '["ACME_"]')
        .replace("[8, 8]", '"eight"')
        .replace('"cdefgh"', "3")
    )
    with pytest.raises(RulesError) as caught:
        rules_of({"a.toml": bad, "b.toml": "x =", "c.toml": "", "d.toml": GOOD, "e.toml": GOOD + 'z = "?"'})

    lines = str(caught.value).splitlines()
    for expected in (
        "a.toml: rule token: unknown key: severty",
        "a.toml: rule token: `severity` is missing",
        "a.toml: rule token: severity: should be one of low, medium, high, critical, got None",
        "a.toml: rule token: pattern: look-around is not supported at character",
        "a.toml: rule token: keywords: should be in lower case, got 'ACME_'",
        "a.toml: rule token: checks: unknown check: entropie",
        "a.toml: rule token: checks: length: should be a length or [least, most], got 'eight'",
        "a.toml: rule token: yes: should be a list of texts in two halves",
        "b.toml: not TOML: ",
        "c.toml: `issuer` is missing",
        "c.toml: no [[rule]]",
        "e.toml: rule token: unknown key: z",
    ):
        assert any(line.startswith(expected) for line in lines), expected


def test_two_rules_of_one_name_are_refused() -> None:
    """A finding's rule has to say which it was."""
    with pytest.raises(RulesError, match=r"rule acme\.token: there are two of this name"):
        rules_of({"acme.toml": GOOD, "x/acme.toml": GOOD})


def test_our_own_files_are_right() -> None:
    """What ships is read without a problem."""
    rules = rules_of(ours())

    assert {rule.severity for rule in rules} == {"low", "medium", "high", "critical"}
    assert {"generic.password", "generic.key"} <= {rule.id for rule in rules if rule.generic}


def test_a_wrong_form_is_named() -> None:
    """With the rule that it was written for."""
    text = ours()["generic/generic.toml"].replace("(?P<secret>(?:[^", "(?P<secret>(?=[^", 1)
    rules, problems = read_forms("generic.toml", text)

    assert rules
    assert "look-around" in problems[0].message
    assert read_forms("x.toml", "=")[1][0].message.startswith("not TOML")
