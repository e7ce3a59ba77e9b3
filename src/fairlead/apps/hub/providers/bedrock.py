"""AWS Bedrock: any of its models by the Converse API, signed by AWS's rules.

Settings: `region`. The key is either a Bedrock API key, or `ID:SECRET` (`ID:SECRET:TOKEN` for short-lived ones), which
signs; with the setting `access_key_id` it is the secret alone. Claude's own features are in `bedrock_anthropic`.
Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html,
https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.apps.hub.providers import PROVIDERS, Login
from fairlead.apps.hub.providers.kinds import Hosted
from fairlead.apps.hub.providers.signing import Credentials, Scope, signed
from fairlead.apps.hub.shapes import Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Bedrock(Hosted):
    """Bedrock, in one of its protocols."""

    def headers(self, login: Login) -> Mapping[str, str]:
        """An API key; nothing for one that signs."""
        return {} if _credentials(login) is not None else Hosted.headers(self, login)

    def sign(self, login: Login, method: str, url: str, sent: Sent, now: float) -> Mapping[str, str] | None:
        """The signature of this request."""
        credentials = _credentials(login)
        if credentials is None:
            return None
        return signed(credentials, Scope(login.extra["region"], "bedrock"), method, url, sent.body, now)


def _credentials(login: Login) -> Credentials | None:
    if not login.value:
        return None
    if "access_key_id" in login.extra:
        secret, _, token = login.value.partition(":")
        return Credentials(login.extra["access_key_id"], secret, token or None)
    id, colon, rest = login.value.partition(":")
    secret, _, token = rest.partition(":")
    return Credentials(id, secret, token or None) if colon else None


PROVIDERS.register("bedrock")(
    Bedrock(
        name="bedrock",
        url="https://bedrock-runtime.{region}.amazonaws.com",
        variable="AWS_BEARER_TOKEN_BEDROCK",
        shape="bedrock_converse",
        speaks={"chat": ("bedrock_converse",)},
    )
)
