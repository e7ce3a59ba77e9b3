"""Short-lived tokens: fetched beside the requests from a server that checks every claim, and renewed in time."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tests.apps.hub.standins.serving import serving

from fairlead.apps.hub.providers import PROVIDERS, Login, Provider, Unready
from fairlead.apps.hub.providers.google import SCOPE
from fairlead.apps.hub.providers.tokens import Token
from fairlead.apps.hub.shapes import Sent

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SECRET = "swordfish-" + "4711"
SENT = Sent("/", {}, b"")


@dataclass
class Issuer:
    """Gives tokens, as Google and Entra do."""

    asked: list[dict[str, str]] = field(default_factory=list)
    status: int = 200

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        body = (await receive())["body"]
        self.asked.append({"path": scope["path"], **dict(parse_qsl(body.decode()))})
        told: dict[str, object] = {"access_token": f"token-{len(self.asked)}", "expires_in": 3600}
        if self.status != 200:
            told = {"error": "invalid_client", "error_description": f"wrong secret {SECRET}"}
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})


@pytest.fixture
async def issuer() -> AsyncIterator[tuple[Issuer, str]]:
    """One, and where it is."""
    issuer = Issuer()
    async with serving(issuer) as standin:
        yield issuer, standin.url


def of_entra(url: str) -> Login:
    """A login of Azure with an application's secret."""
    return Login("app", SECRET, {"tenant": "town", "client": "hub", "authority": url})


def of_google(url: str) -> Login:
    """A login of Vertex with a service account."""
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = KEY.private_bytes(serialization.Encoding.PEM, *form).decode()
    account = {"client_email": "hub@town", "private_key": pem, "private_key_id": "k1", "token_uri": f"{url}/token"}
    return Login("account", json.dumps(account), {"project": "town-1", "region": "europe-west1"})


LOGINS = {"azure": of_entra, "vertex": of_google, "vertex_anthropic": of_google}


@pytest.mark.parametrize("name", LOGINS)
async def test_a_token_is_fetched_and_found_by_every_request(name: str, issuer: tuple[Issuer, str]) -> None:
    """Before it is there a request can't be authorized, and says so."""
    provider, login = PROVIDERS.get(name), LOGINS[name](issuer[1])
    with pytest.raises(Unready, match="no valid token"):
        sign(provider, login)
    keeper = provider.keeper(login)
    assert keeper is not None
    assert await keeper.renew() == 3600 * 0.8
    assert sign(provider, login) == {"authorization": "Bearer token-1"}
    assert provider.headers(login) == {}
    assert provider.keeper(login) is keeper


def sign(provider: Provider, login: Login) -> Any:
    """What authorizes a request now."""
    import time

    return provider.sign(login, "POST", "https://a/", SENT, time.time())


async def test_entra_is_asked_for_the_application(issuer: tuple[Issuer, str]) -> None:
    """By its client credentials grant."""
    keeper = PROVIDERS.get("azure").keeper(of_entra(issuer[1]))
    assert keeper is not None
    await keeper.renew()
    assert issuer[0].asked == [
        {
            "path": "/town/oauth2/v2.0/token",
            "grant_type": "client_credentials",
            "client_id": "hub",
            "client_secret": SECRET,
            "scope": "https://cognitiveservices.azure.com/.default",
        }
    ]


async def test_google_gets_a_claim_that_the_accounts_key_signed(issuer: tuple[Issuer, str]) -> None:
    """Checked as Google does: algorithm, key, issuer, audience, scope, time, signature."""
    keeper = PROVIDERS.get("vertex").keeper(of_google(issuer[1]))
    assert keeper is not None
    await keeper.renew()
    (asked,) = issuer[0].asked
    head, claim, signature = asked["assertion"].split(".")
    assert json.loads(_bytes(head)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    said = json.loads(_bytes(claim))
    assert (said["iss"], said["aud"], said["scope"]) == ("hub@town", f"{issuer[1]}/token", SCOPE)
    assert said["exp"] - said["iat"] == 3600
    KEY.public_key().verify(_bytes(signature), f"{head}.{claim}".encode(), padding.PKCS1v15(), hashes.SHA256())


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_a_refusal_is_told_without_the_secret(issuer: tuple[Issuer, str]) -> None:
    """Even when the other side repeats it."""
    issuer[0].status = 401
    keeper = PROVIDERS.get("azure").keeper(of_entra(issuer[1]))
    assert keeper is not None
    with pytest.raises(Unready, match="invalid_client") as caught:
        await keeper.renew()
    assert SECRET not in str(caught.value)


async def test_what_is_no_account_is_told_without_its_contents() -> None:
    """The key of a service account is the whole file."""
    keeper = PROVIDERS.get("vertex").keeper(Login("a", '{"private_key": "' + SECRET + '"}'))
    assert keeper is not None
    with pytest.raises(Unready, match="no service account") as caught:
        await keeper.renew()
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_token_that_is_over_is_not_used() -> None:
    """Nor is one that could not be renewed."""
    now = 1000.0

    async def fetch() -> tuple[str, float]:
        return "t", 60.0

    token = Token(fetch, lambda: now)
    assert await token.renew() == 48.0
    assert token.value(1059.0) == "t"
    with pytest.raises(Unready):
        token.value(1060.0)


async def test_nobody_there_is_told(unused_tcp_port: int) -> None:
    """As what it is, and with whom."""
    keeper = PROVIDERS.get("azure").keeper(of_entra(f"http://127.0.0.1:{unused_tcp_port}"))
    assert keeper is not None
    with pytest.raises(Unready, match=r"no token from 127\.0\.0\.1: ConnectError"):
        await keeper.renew()
