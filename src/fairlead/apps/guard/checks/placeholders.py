"""Values that stand where a secret will stand: `xxxx`, `<your-key>`, `${TOKEN}`, `AKIA…EXAMPLE`."""

from __future__ import annotations

from functools import lru_cache

from fairlead.apps.guard.checks import check
from fairlead.apps.guard.checks.parameters import one_of
from fairlead.apps.guard.patterns.linear import Linear, linear

_WORDS = (
    r"(?i)example|sample|placeholder|change.?(?:me|this|it)\b|replace.?(?:me|with|this)|your[-_ ]|redacted|dummy|"
    r"insert[-_ ]|todo|fixme|not.?a.?(?:real|secret)|my[-_](?:secret|token|key|password|api)|put[-_ ]|fake[-_ ]|"
    r"[-_]here\b"
)
_SAME = (
    r"x{6}|X{6}|\*{4}|\.{4}|0{8}|1{8}|_{5}|-{6}|#{4}|\?{4}|<secret:|"
    r"^(?i:password|passwd|secret|token|utf-?8)[0-9]{0,3}$"
)
_TEMPLATES = (
    r"\$\{|\{\{|\$\(|%\(|<%|%\{|#\{|\[\[|@@|__[A-Z_]+__|"
    r"^\$[A-Za-z_]+$|^<[^<>]+>$|^%[A-Za-z_]+%$|^\{[A-Za-z_.]+\}$"
)
_RUNS = ("0123456789", "1234567890", "abcdefghij", "abcdef0123", "qwertyuiop", "zyxwvutsrq", "9876543210", "abc123abc1")
_VARIETY = 4
"""A token of sixteen characters and more that uses no more different ones than this has been typed by hand."""


@lru_cache(maxsize=4)
def _pattern(text: str) -> Linear:
    return linear(text, captures=False)


def _holds(pattern: str, value: str) -> bool:
    data = value.encode("utf-8", "surrogatepass")
    return _pattern(pattern).search(data, 0, len(data)) is not None


def is_template(value: str) -> bool:
    """Whether something else is put in its place before it is used: `${TOKEN}`, `{{ token }}`, `<token>`."""
    return _holds(_TEMPLATES, value)


def is_placeholder(value: str) -> bool:
    """Whether a value stands in for a secret rather than being one."""
    lowered = value.lower()
    return (
        _holds(_SAME, value)
        or _holds(_WORDS, value)
        or (len(value) >= 16 and len(set(value)) <= _VARIETY)
        or any(run in lowered for run in _RUNS)
    )


@check("placeholder", one_of(("no",)))
def placeholder(value: str, _: object) -> bool:
    """The value is no stand-in, and no template for one."""
    return not is_placeholder(value) and not is_template(value)
