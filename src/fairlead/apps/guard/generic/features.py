"""What tells a password or a key from what only looks like one. Each feature is between 0 and 1."""

from __future__ import annotations

from functools import lru_cache

from fairlead.apps.guard.checks.placeholders import is_placeholder, is_template
from fairlead.apps.guard.checks.randomness import bits_per_character
from fairlead.apps.guard.generic.candidates import Candidate
from fairlead.apps.guard.generic.words import COMMON, names_password, parts_of
from fairlead.apps.guard.patterns.linear import Linear, linear

_KEY = ("secret", "token", "key", "auth", "apikey", "salt", "signature")
_OTHER = (
    r"(?i)(?:public|primary|foreign|partition|sort|cache|row|object|map|dict|index|group|routing|shard|bucket|widget|"
    r"react|translation|i18n|session_?state|next|page|continuation|cursor|max|min|num|pad|bos|eos|sep|unk|cls|mask|"
    r"special|stop|start|end|etag|trace|request|correlation|idempotency)_?-?(?:key|token)s?$|(?:key|token|secret|password|passwd|pwd|auth)_?-?(?:name|names|id|ids|"
    r"type|types|file|files|path|paths|url|urls|uri|field|fields|label|prompt|placeholder|policy|length|size|count|"
    r"limit|regex|pattern|error|message|msg|hint|help|title|hash|hashes|algorithm|alg|ref|arn|version|expiry|expires|"
    r"ttl|cls|class|format|encoding|env|var|dir|method|scheme|mode|source|store|provider|endpoint|index|column)$"
)
_PATH = r"^(?:https?|ftp|file|s3|gs)://[^@]*$|^(?:\.{0,2}/|~/|[A-Za-z]:\\)|^[\w.-]+(?:/[\w.-]+)+$|\.(?:[a-z]{2,4}|json|yaml|java|html)$"
_QUOTES = (b'"', b"'", b"`")
_BRACKETS = r"[()\[\]{};]|"
_CODE = (
    rf"\.\.\.|\xe2\x80\xa6|^X?-?[xX]-amz-|{_BRACKETS}"
    r"^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$|->|=>|::|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^(?:self|this|os|process|"
    r"config|settings|env|request|args|params|options|data|str|int|bool|null|none|true|false|undefined|nil|string|"
    r"bytes|any|optional|required|default|object|number|function|return|await|async|new|lambda|type)\b"
)
_LOOKALIKE = (
    r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$|^(?:sha(?:1|256|384|512)|md5)[-:]|^\$(?:2[aby]|argon2|5|6|1)"
    r"\$|^\$(?:y|apr1|7)\$|^(?:pbkdf2|scrypt|bcrypt|SCRAM-SHA|argon2)[\w-]*[$:]|^\{(?:S?SHA|cipher|CRYPT)|^ENC[\[(]|"
    r"^vault:v[0-9]+:|^gAAAAA|^age1|^\$ANSIBLE_VAULT|^encrypted:|^ssh-(?:rsa|ed25519|dss) |"
    r"^AAAA[BCE]3|^-----BEGIN (?:PUBLIC|CERT)|^MII[BC][A-Za-z0-9+/]|^arn:aws|^projects/|"
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}|^#[0-9a-fA-F]{3,8}$|^v?[0-9]+(?:\.[0-9]+){1,3}"
)

_NAME = r"^[^A-Za-z0-9]{0,3}[A-Za-z]+(?:[-_.:/][A-Za-z]+)*[0-9]{0,2}[^A-Za-z0-9]{0,3}$"
"""Letters, perhaps with what joins the parts of a name, a small number behind them, and marks around."""
_WORD = r"^[^A-Za-z0-9]{0,3}[A-Za-z]+(?:[-_'/][A-Za-z]+)*[^A-Za-z0-9]{0,3}$"
_SAYS = r"(?i)[a-z][ \t](?:is|was|are|be|been|to|as|has|must|for|ist|est|es)[ \t]{1,2}$"
"""A sentence about what it names, before a word of it: no colon and no quotation mark."""
_NUMBERED = (
    r"^[^A-Za-z0-9]{0,3}(?:[A-Za-z]{2,}[0-9]{0,4}|[0-9.]{1,4})"
    r"(?:[-_.:/]+(?:[A-Za-z]+[0-9]{0,4}|[0-9.]{1,4}))*[^A-Za-z0-9]{0,3}$"
)
"""The same with numbers in it: `gemini-2.5-pro`, `sig_hop_1`."""
_NUMBER = r"^[-+]?(?:0[xob])?[0-9][0-9_.,:-]*[,;)]?$|^0x[0-9a-fA-F]+[,;)]?$"
_ELSE = f"{_CODE}|{_PATH}"
_ELSE_IN_QUOTES = f"{_CODE.replace(_BRACKETS, '')}|{_PATH}"
"""What is in quotes is no expression: brackets are part of it, as they are of passwords."""
_NAME_OR_NUMBER = f"{_NAME}|{_NUMBER}"


@lru_cache(maxsize=16)
def _pattern(text: str) -> Linear:
    return linear(text, captures=False)


def _fits(pattern: str, data: bytes) -> bool:
    return _pattern(pattern).search(data, 0, len(data)) is not None


def is_something_else(data: bytes, start: int, end: int) -> bool:
    """Whether what stands at these bounds is an expression, a path or a URL without a password.

    Most candidates in code are; they never come before a scorer.
    """
    else_ = _ELSE_IN_QUOTES if data[start - 1 : start] in _QUOTES else _ELSE
    return _pattern(else_).search(data[start:end], 0, end - start) is not None


def is_name(candidate: Candidate) -> bool:
    """Whether a value is a name or a number, and not assigned to a password: a name is no key.

    Nor is a plain word of a sentence a password: "the password is required" says nothing of it.
    """
    data = candidate.value.encode("utf-8", "surrogatepass")
    if not _fits(_NAME_OR_NUMBER, data) or _odd(parts_of(candidate.value), candidate.value):
        return False
    if not names_password(candidate.variable):
        return True
    before = candidate.before.encode("utf-8", "surrogatepass")
    return _fits(_WORD, data) and _fits(_SAYS, before)


SIGNS = (
    "placeholder", "template", "path or URL", "code", "a hash, UUID or public key", "a name", "a name with numbers",
    "words", "a number", "the variable's own name", "names something else", "names a password", "names a key or token",
    "quoted", "short", "random", "mixed",
)  # fmt: skip
"""The names of all features."""


def features(candidate: Candidate) -> dict[str, float]:
    """Every feature of a candidate that is not 0."""
    value, variable = candidate.value, candidate.variable
    data = value.encode("utf-8", "surrogatepass")
    lowered = variable.lower()
    words = parts_of(value)
    known = _share_of_words(words)
    found: dict[str, float] = {
        "placeholder": is_placeholder(value),
        "template": is_template(value),
        "path or URL": _fits(_PATH, data),
        "code": _fits(_CODE, data),
        "a hash, UUID or public key": _fits(_LOOKALIKE, data),
        "a name": _fits(_NAME, data) and not _odd(words, value),
        "a name with numbers": _fits(_NUMBERED, data) or _reads_well(words, value),
        "words": known,
        "a number": _fits(_NUMBER, data),
        "the variable's own name": _same_name(_bare(value), _bare(variable)),
        "names something else": _fits(_OTHER, variable.encode()),
        "names a password": names_password(variable),
        "names a key or token": any(word in lowered for word in _KEY),
        "quoted": bool(candidate.quote),
        "short": len(value) < 8,
        "random": min(1.0, max(0.0, (bits_per_character(value) - 2.6) / 1.2)) * (1 - known),
        "mixed": _mixed(value),
    }
    return {name: float(weight) for name, weight in found.items() if weight}


def _same_name(value: str, variable: str) -> bool:
    return value in variable or (bool(variable) and variable in value)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _share_of_words(words: list[str]) -> float:
    """How much of the letters belong to common words."""
    letters = sum(map(len, words))
    return sum(len(word) for word in words if word in COMMON) / letters if letters else 0.0


def _odd(words: list[str], value: str) -> bool:
    """Whether letters change their case as no name does: `aXkRqPz`."""
    letters = sum(map(len, words))
    return letters > 7 and len(words) > letters / 2.5 and "_" not in value


def _reads_well(words: list[str], value: str) -> bool:
    """Whether it is made of long runs of letters, as names in code are and random text is not."""
    letters = sum(map(len, words))
    return letters > 0.8 * len(value) and letters >= 3.5 * len(words)


def _mixed(value: str) -> float:
    """Digits or marks among the letters, both cases."""
    lower, upper = value != value.upper(), value != value.lower()
    digits = not value.isalpha() and any(map(str.isdigit, value))
    return max(0, lower + upper + digits + (not value.isalnum()) - 1) / 3
