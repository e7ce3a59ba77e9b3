"""The page that lists what the guard knows, written from the rules, so that it never names more or less than them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from fairlead.apps.guard.rules.loading import ISSUERS, read_file
from fairlead.apps.guard.rules.model import Rule

_INTRODUCTION = """# What the guard knows

{rules} forms of secrets of {issuers} issuers. An issuer's name leads to what it says of its tokens, or else to its
documentation. A rule's name is what a finding says and what an allow list takes. What has no form of its own (a
password, a key without a prefix) is found by the model instead.

*Checked* says what a match has to pass beyond its form; placeholders (`xxxx`, `<your-key>`, `…EXAMPLE`) never pass.
"""


def page() -> str:
    """The page in Markdown."""
    rules = sorted(_rules(), key=lambda rule: (rule.issuer.casefold(), rule.id))
    groups = [(issuer, list(known)) for issuer, known in groupby(rules, key=lambda rule: rule.issuer)]
    head = _INTRODUCTION.format(rules=len(rules), issuers=len(groups))
    return "\n".join((head, *(_section(issuer, known) for issuer, known in groups)))


def _rules() -> Iterable[Rule]:
    for path in ISSUERS.glob("*.toml"):
        yield from read_file(path.name, path.read_text("utf-8"))[0]


def _section(issuer: str, rules: list[Rule]) -> str:
    rows = (f"| `{rule.id}` | {_words(rule)} | {rule.severity} | {_checked(rule)} |\n" for rule in rules)
    return (
        f"## [{issuer}]({rules[0].source})\n\n| rule | what it is | severity | checked |\n|---|---|---|---|\n"
        + "".join(rows)
    )


def _words(rule: Rule) -> str:
    return (f"{rule.kind}: {rule.note}" if rule.note else rule.kind).replace("|", "\\|")


def _checked(rule: Rule) -> str:
    told = (check.words for check in rule.checks if check.kind.name != "placeholder")
    return ", ".join(told)
