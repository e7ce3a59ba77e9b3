"""AWS Signature Version 4: a request signed so that nobody can change it or send it later.

Own code, since the library that has it (botocore) is 25 MB and slow; it is held to AWS's published test vectors.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
SAFE = "-_.~"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of AWS: the id may be seen, the rest may not."""

    id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signature is good for, beside its day."""

    region: str
    service: str


def signed(
    credentials: Credentials,
    scope: Scope,
    method: str,
    url: str,
    body: bytes,
    now: float,
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers that sign a request, its path as it is sent (percent-encoded once).

    `headers`, in lower case, are signed beside the host; `now` is seconds since 1970.
    """
    at = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    added = {"x-amz-date": at} | ({"x-amz-security-token": credentials.token} if credentials.token else {})
    whole = {"host": urlsplit(url).netloc, **(headers or {}), **added}
    names = ";".join(sorted(whole))
    asked = canonical(method, url, whole, body)
    span = f"{at[:8]}/{scope.region}/{scope.service}/aws4_request"
    to_sign = f"{ALGORITHM}\n{at}\n{span}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    key = _key(credentials.secret, at[:8], scope)
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    proof = f"Credential={credentials.id}/{span}, SignedHeaders={names}, Signature={signature}"
    return {"authorization": f"{ALGORITHM} {proof}", **added}


def canonical(method: str, url: str, headers: Mapping[str, str], body: bytes) -> str:
    """The request in the one form that both sides know; its path is encoded once more (all services but S3)."""
    parts = urlsplit(url)
    pairs = (pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    query = sorted((quote(unquote(name), safe=SAFE), quote(unquote(value), safe=SAFE)) for name, value in pairs)
    lines = [f"{name}:{re.sub(' +', ' ', headers[name].strip())}" for name in sorted(headers)]
    return "\n".join(
        (
            method,
            quote(parts.path or "/", safe="/" + SAFE),
            "&".join(f"{name}={value}" for name, value in query),
            *lines,
            "",
            ";".join(sorted(headers)),
            hashlib.sha256(body).hexdigest(),
        )
    )


@lru_cache(maxsize=64)
def _key(secret: str, day: str, scope: Scope) -> bytes:
    """The key of one day, which is made of the secret and used for all requests of it."""
    key = f"AWS4{secret}".encode()
    for piece in (day, scope.region, scope.service, "aws4_request"):
        key = hmac.new(key, piece.encode(), hashlib.sha256).digest()
    return key
