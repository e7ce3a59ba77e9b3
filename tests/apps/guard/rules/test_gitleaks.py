"""Rule files of gitleaks and betterleaks: what they mean, and what of them can't be used."""

from __future__ import annotations

import pytest
from tests.apps.guard.small import Everything

from fairlead.apps.guard.engine.pack import Pack, packed
from fairlead.apps.guard.engine.whole import hits
from fairlead.apps.guard.rules.gitleaks import read_others
from fairlead.apps.guard.rules.model import RulesError

RULES = """
title = "rules"

[[allowlists]]
description = "everywhere"
regexes = ['''nothing-real''']
stopwords = ["foobar"]

[[rules]]
id = "prefixed token"
description = "A token"
regex = '''(?i)[\\w.-]{0,50}?(?:acme)(?:[ \\t\\w.-]{0,20})(?:=|:)[\\s'"]{0,5}([a-z0-9]{8,12})(?:[\\x60'"\\s;]|$)'''
entropy = 2.0
keywords = ["ACME"]

[[rules]]
id = "grouped"
regex = '''(left|right)=([a-z]{4})\\b'''
secretGroup = 2
[[rules.allowlists]]
regexTarget = "line"
regexes = ['''# ok''']
[[rules.allowlists]]
condition = "AND"
paths = ['''_test\\.go$''']
stopwords = ["zz"]

[[rules]]
id = "in-files"
regex = '''pw [a-z]{4}'''
path = '''\\.conf$'''
"""


def found(text: str, path: str | None = None) -> list[tuple[str, str]]:
    """The rules that find something in a text, with what they find."""
    rules = read_others({"r.toml": RULES})
    assert not rules.left_out
    pack = Pack(packed(rules.rules), Everything())
    data = text.encode()
    return [(hit.rule, data[hit.start : hit.end].decode()) for hit in hits(pack, data, path)]


def test_a_rule_finds_its_first_group_when_none_is_named() -> None:
    """Whatever the letters' case, and with the randomness that it asks for."""
    assert found("my_ACME_key = 'a1b2c3d4e5'") == [("prefixed-token", "a1b2c3d4e5")]
    assert not found("my_ACME_key = 'aaaaaaaa'")


def test_allow_lists_are_followed() -> None:
    """Of the file and of the rule, over the secret and over its line, any of them or all."""
    assert found("left=abcd") == [("grouped", "abcd")]
    assert not found("# ok left=abcd")
    assert not found("acme: foobar12345")
    assert found("left=zzab", "x.go") == [("grouped", "zzab")]
    assert not found("left=zzab", "x_test.go")


def test_a_path_keeps_a_rule_to_its_files() -> None:
    """A text without a path is looked at by every rule."""
    assert found("pw abcd", "a.conf") == [("in-files", "pw abcd")]
    assert not found("pw abcd", "a.txt")
    assert found("pw abcd") == [("in-files", "pw abcd")]


def test_what_cannot_be_used_is_named() -> None:
    """Each with its file and rule, nothing in silence."""
    text = """
[extend]
path = "other.toml"
[unheard]
of = 1
[[rules]]
id = "a"
regex = '''(?<=x)y'''
[[rules]]
id = "b"
path = '''key$'''
[[rules]]
id = "c"
regex = '''c-[a-z]{5}'''
secretGroup = 3
[[rules]]
id = "d"
regex = '''d-[a-z]{5}'''
odd = 1
allowlist = { commits = ["abc"], regexes = ['''\\pL'''], strange = 1 }
"""
    rules = read_others({"r.toml": text})

    assert [rule.id for rule in rules.rules] == ["d"]
    assert sorted(str(problem) for problem in rules.left_out) == [
        "r.toml: extend: not followed: give the path of that file too",
        "r.toml: rule a: regex: look-around is not supported at character 3, left out",
        "r.toml: rule b: is for paths alone, left out",
        "r.toml: rule c: secretGroup: there is no group 3, left out",
        "r.toml: rule d: a pattern: an unknown escape, \\p at character 3",
        "r.toml: rule d: commits: left out, a text has none",
        "r.toml: rule d: odd: not supported, left out",
        "r.toml: rule d: strange: not supported, left out",
        "r.toml: unheard: not supported, left out",
    ]


@pytest.mark.parametrize("text", ["= broken", "[[rule]]\nid = 'ours'"])
def test_a_file_that_is_none_is_refused(text: str) -> None:
    """A typing error in a path must not end with fewer rules than were asked for."""
    with pytest.raises(RulesError, match=r"r\.toml"):
        read_others({"r.toml": text})
