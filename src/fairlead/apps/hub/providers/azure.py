"""Azure OpenAI: models are deployments of one's own, at the address of one's resource.

Settings: `resource`; `api_version` for the dated API (`/openai/deployments/…?api-version=`), without it the v1 one.
The key is an API key; with `tenant` and `client` it is the secret of that application, for which Entra gives tokens;
with `auth: token` it is such a token itself.
Sources: https://learn.microsoft.com/azure/ai-services/openai/reference and …/openai/api-version-lifecycle;
Entra's client credentials: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

from fairlead.apps.hub.calls import Operation
from fairlead.apps.hub.providers import PROVIDERS, Keeper, Login
from fairlead.apps.hub.providers.kinds import Compatible, Quirks
from fairlead.apps.hub.providers.openai import SPEAKS
from fairlead.apps.hub.providers.tokens import Token, Tokens, fetched
from fairlead.apps.hub.shapes import Sent

ENTRA = "https://login.microsoftonline.com"
SCOPE = "https://cognitiveservices.azure.com/.default"
SHARED: frozenset[Operation] = frozenset({"models", "files", "batches"})
"""What belongs to no deployment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Azure(Compatible):
    """Azure OpenAI."""

    tokens: Tokens = field(default_factory=Tokens, repr=False)

    def path(self, operation: Operation, sent: Sent, model: str, login: Login) -> str:
        """Below the resource: of version v1, or of a dated one."""
        below = sent.path.removeprefix("/v1")
        if "api_version" not in login.extra:
            return f"/openai/v1{below}"
        alone = operation in SHARED or below.startswith("/responses")
        deployment = "" if alone else f"/deployments/{quote(model, safe='')}"
        return (
            f"/openai{deployment}{below}{'&' if '?' in below else '?'}api-version={quote(login.extra['api_version'])}"
        )

    def headers(self, login: Login) -> Mapping[str, str]:
        """The key, or the token that was given."""
        if login.extra.get("auth") == "token":
            return {"authorization": f"Bearer {login.value}"}
        return {} if _by_entra(login) or not login.value else {"api-key": login.value}

    def sign(self, login: Login, method: str, url: str, sent: Sent, now: float) -> Mapping[str, str] | None:
        """Entra's token."""
        return {"authorization": f"Bearer {self._token(login).value(now)}"} if _by_entra(login) else None

    def keeper(self, login: Login) -> Keeper | None:
        """Who asks Entra."""
        return self._token(login) if _by_entra(login) else None

    def _token(self, login: Login) -> Token:
        return self.tokens.of(login, lambda: Token(partial(_asked, login), time.time))


def _by_entra(login: Login) -> bool:
    return "tenant" in login.extra and "client" in login.extra


async def _asked(login: Login) -> tuple[str, float]:
    url = f"{login.extra.get('authority', ENTRA)}/{quote(login.extra['tenant'], safe='')}/oauth2/v2.0/token"
    form = {"grant_type": "client_credentials", "client_id": login.extra["client"], "client_secret": login.value}
    return await fetched("POST", url, form | {"scope": login.extra.get("scope", SCOPE)})


PROVIDERS.register("azure")(
    Azure(
        name="azure",
        url="https://{resource}.openai.azure.com",
        variable="AZURE_OPENAI_API_KEY",
        shape="openai_chat",
        speaks=SPEAKS,
        quirks=Quirks(developer=True),
        passes=frozenset({b"x-ms-client-request-id"}),
    )
)
