"""What looks like a secret, by its name or by its form: such a value is never shown, and has no place in a stack file.

Not the secret scanner of the guard: a stack file is small and written by hand, so a few sure signs are enough.
"""

from __future__ import annotations

import re
from typing import Any

MEND = "declare it under `secrets` and name it in the service's own `secrets:` (variable -> secret)"

_WORDS = r"(?:password|passwd|passphrase|secret|token|credentials?|(?:api|private|access|auth)[_-]?key)"
_NAME = re.compile(rf"(?:^|[_.-]){_WORDS}$|^(?:pwd|pgpassword)$|[_-](?:key|pass|pwd)$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_SECRET = re.compile(
    r"(?:^|[_-])(?:public|cache|primary|partition|sort|sticky|routing|foreign|group|max|min)[_-](?:key|token)$",
    re.IGNORECASE,
)
_HEADERS = {"authorization", "x-api-key", "api-key", "cookie", "proxy-authorization"}

_FORMS = re.compile(
    r"\b(?:sk|rk|pk)[-_](?:live|test|ant|proj|or|svcacct)?[-_]?[A-Za-z0-9_-]{16,}"
    r"|\bgh[oprsu]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}|\bxox[abeprs]-[\w-]{10,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\bhf_[A-Za-z0-9]{16,}|\bnpm_[A-Za-z0-9]{20,}|\bpypi-[\w-]{20,}"
    r"|\bSG\.[\w-]{10,}\.[\w-]{10,}|\bwhsec_\w{16,}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.|\bAGE-SECRET-KEY-1\w{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_URL_PASSWORD = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/@:]*:(?P<password>[^\s/@]+)@", re.IGNORECASE)
_ARGUMENT = re.compile(r"^-{0,2}(?P<name>[A-Za-z][\w-]*)=(?P<value>.+)$", re.DOTALL)
_PLACEHOLDER = re.compile(
    r"^(?:|\$.*|<.*>|\*+|x+|\.+|none|null|true|false|off|on|placeholder|example|dummy|changeme|change-me|your[-_].*)$",
    re.IGNORECASE,
)


def name(text: str) -> bool:
    """Whether a key or a variable of that name holds a secret."""
    spaced = _CAMEL.sub("_", text)
    return bool(_NAME.search(spaced)) and not _NO_SECRET.search(spaced)


def header(text: str) -> bool:
    """Whether an HTTP header of that name holds a secret."""
    return text.lower() in _HEADERS or name(text)


def form(text: str) -> bool:
    """Whether a text has the form of a known kind of token, or is a URL with a password."""
    found = _URL_PASSWORD.search(text)
    return bool(_FORMS.search(text)) or (found is not None and not placeholder(found["password"]))


def placeholder(value: Any) -> bool:
    """Whether a value only stands for a secret: empty, `<…>`, `changeme`, a path, a shell's own variable."""
    if value is None or isinstance(value, bool):
        return True
    text = str(value).strip()
    return bool(_PLACEHOLDER.match(text)) or text.startswith(("/", "./", "../", "file:", "env:"))


def argument(words: list[str], n: int) -> bool:
    """Whether the n-th word of a command line gives a secret away: `--password=…`, or the word after `--password`."""
    match = _ARGUMENT.match(words[n])
    if match:
        return name(match["name"]) and not placeholder(match["value"])
    before = words[n - 1] if n else ""
    return before.startswith("-") and name(before.lstrip("-")) and not placeholder(words[n]) and words[n][:1] != "-"
