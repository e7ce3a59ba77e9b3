"""Structures within a token: a JSON Web Token, a PEM block, a URL with a password, what only looks like one."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable

from fairlead.apps.guard.checks import check
from fairlead.apps.guard.checks.parameters import one_of

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PEM_NOISE = re.compile(r"-----[^-]*-----|\\[nrt]|[\s\"'+,]")


def decoded(text: str) -> bytes | None:
    """Base64 in either alphabet, padded or not; None when it is none."""
    text = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _json_object(text: str) -> bool:
    data = decoded(text)
    try:
        return data is not None and isinstance(json.loads(data), dict)
    except (ValueError, RecursionError):
        return False


def jwt(value: str) -> bool:
    """RFC 7519: a header that is a JSON object with `alg`, and two parts more."""
    header, _, rest = value.partition(".")
    data = decoded(header)
    return data is not None and b'"alg"' in data and _json_object(header) and rest.count(".") in (1, 3)


def pem(value: str) -> bool:
    """RFC 7468: there is a body of base64 behind the beginning marker, long enough to be a key."""
    body = re.sub(r"(?:Proc-Type|DEK-Info|Comment|Version|Hash):[^\n]*", "", value)
    body = _PEM_NOISE.sub("", body)
    return len(body) >= 32 and len(set(body)) >= 12


def url(value: str) -> bool:
    """RFC 3986: a scheme, and a password before the host."""
    scheme, _, rest = value.partition("://")
    credentials, at, host = rest.rpartition("@")
    return bool(scheme and at and host and credentials.partition(":")[2])


def uuid(value: str) -> bool:
    """RFC 9562, as text."""
    return _UUID.fullmatch(value) is not None


def macaroon(value: str) -> bool:
    """A version 2 macaroon (PyPI): base64 whose first bytes say so, behind the prefix."""
    data = decoded(value.partition("-")[2] if "-" in value else value)
    return data is not None and data[:1] == b"\x02" and len(data) > 40


STRUCTURES: dict[str, Callable[[str], bool]] = {
    "jwt": jwt,
    "pem": pem,
    "url": url,
    "uuid": uuid,
    "macaroon": macaroon,
    "base64": lambda value: decoded(value) is not None,
    "base64-json": _json_object,
}

_PROOFS = frozenset(("jwt", "macaroon", "base64-json"))


@check("structure", one_of(STRUCTURES))
def structure(value: str, name: str) -> bool:
    """The value is built as its kind is."""
    return STRUCTURES[name](value)


@check("proof", one_of(sorted(_PROOFS)), proves=True)
def proof(value: str, name: str) -> bool:
    """The value has a structure that hardly comes about by chance."""
    return STRUCTURES[name](value)


@check("not", one_of(("uuid",)))
def is_not(value: str, name: str) -> bool:
    """The value is not one of these, however much it looks like a key."""
    return not STRUCTURES[name](value)
