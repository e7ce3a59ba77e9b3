"""Tokens of Google's accounts: for a service account by a claim that it signs, on a machine of Google's by asking it.

The claim is a JSON Web Token of four fields and one algorithm (RS256), so it is written here and signed by
`cryptography`; Google's own library would bring its HTTP client and a cache that this hub has already.
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from fairlead.apps.hub.providers import Unready
from fairlead.apps.hub.providers.tokens import fetched

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
MACHINE_URL = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"
LIVES_S = 3600


async def by_account(account: str) -> tuple[str, float]:
    """For the JSON of a service account. Raises `Unready`."""
    try:
        said = json.loads(account)
        url = str(said.get("token_uri", TOKEN_URL))
        claim = claimed(said["client_email"], said["private_key"], said.get("private_key_id"), url, time.time())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unready(f"the key is no service account: {type(error).__name__}") from None
    return await fetched("POST", url, {"grant_type": GRANT, "assertion": claim})


async def by_machine() -> tuple[str, float]:
    """For the account that this machine runs as. Raises `Unready`."""
    return await fetched("GET", MACHINE_URL, headers={"metadata-flavor": "Google"})


def claimed(who: str, private_key: str, key_id: str | None, audience: str, now: float) -> str:
    """The signed claim. Raises `ValueError` for a key that is none."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    head = {"alg": "RS256", "typ": "JWT"} | ({"kid": key_id} if key_id else {})
    claim = {"iss": who, "scope": SCOPE, "aud": audience, "iat": int(now), "exp": int(now) + LIVES_S}
    text = f"{_encoded(head)}.{_encoded(claim)}"
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("no RSA key")
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{_base64(signature)}"


def _encoded(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
