"""What a model has gone by, in words. None of them shows anything of a value."""

from __future__ import annotations

from collections.abc import Mapping

MOST = 4
"""Reasons that are given."""
LEAST = 0.1
"""Log odds that a feature has to add to be named."""

_ABOUT: Mapping[str, tuple[str, ...]] = {
    "name": (
        "names a password",
        "names a key or token",
        "password's name",
        "key's name",
        "login's name",
        "names something else",
        "another's name",
        "last word is another's",
        "name's words",
        "name's case",
        "name given",
    ),
    "own": ("the variable's own name", "words shared"),
    "stand-in": ("placeholder", "template", "sample words", "walk"),
    "code": ("code", "brackets", "path or URL", "spaces", "dots", "underscores", "hyphens", "begins with", "ends with"),
    "digest": ("a hash, UUID or public key", "hex", "hex length", "base64"),
    "words": ("a name", "a name with numbers", "words", "share of words", "letters", "worst letters", "longest word"),
    "make-up": (
        "random",
        "mixed",
        "bits",
        "evenness",
        "kinds",
        "changes",
        "distinct",
        "lower",
        "upper",
        "digits",
        "marks",
        "kinds of marks",
        "leet",
        "trailing digits",
        "beyond ASCII",
        "year",
        "capitals within",
        "a number",
    ),
    "length": ("length", "short"),
    "login": ("login with password", "in a URL"),
    "line": ("quoted", "quote", "separator", "line given", "speaks", "remark", "testing", "telling", "line's length"),
}
_FOR: Mapping[str, str] = {
    "name": "its name is one of secrets",
    "own": "it is not its own name",
    "stand-in": "no placeholder or template",
    "code": "no code, path or URL",
    "digest": "the alphabet and length of keys",
    "words": "its letters make no words",
    "make-up": "as mixed or random as secrets are",
    "length": "as long as secrets are",
    "login": "part of a login",
    "line": "assigned as secrets are",
}
_AGAINST: Mapping[str, str] = {
    "name": "its name is not one of a secret",
    "own": "it repeats its own name",
    "stand-in": "a placeholder or template",
    "code": "code, a path or a URL",
    "digest": "a digest, id or public key",
    "words": "made of words, as names are",
    "make-up": "not mixed or random enough",
    "length": "not as long as secrets are",
    "login": "no login with a password",
    "line": "not assigned as secrets are",
}
_PART = {feature: part for part, features in _ABOUT.items() for feature in features}


def said(shares: Mapping[str, float], is_secret: bool) -> tuple[str, ...]:
    """The parts that add most to the verdict, the strongest first."""
    parts: dict[str, float] = dict.fromkeys(_ABOUT, 0.0)
    for feature, share in shares.items():
        parts[_PART[feature]] += share if is_secret else -share
    words = _FOR if is_secret else _AGAINST
    ranked = sorted(parts.items(), key=lambda item: -item[1])
    return tuple(words[part] for part, share in ranked[:MOST] if share >= LEAST)
