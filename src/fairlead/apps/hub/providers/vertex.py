"""Google's Vertex AI: Gemini below one's own project, with short-lived tokens.

Settings: `project`, `region` (for `global` also `url: https://aiplatform.googleapis.com`). The key is the JSON of a
service account, for which Google gives tokens; or such a token itself. With no key the machine's own account is asked
for (`workload: metadata` in the settings: Compute Engine, GKE, Cloud Run).
Sources: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference and
https://developers.google.com/identity/protocols/oauth2/service-account (the signed claim: RFC 7523).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from fairlead.apps.hub.calls import Operation
from fairlead.apps.hub.providers import PROVIDERS, Keeper, Login
from fairlead.apps.hub.providers.google import by_account, by_machine
from fairlead.apps.hub.providers.kinds import Hosted
from fairlead.apps.hub.providers.tokens import Token, Tokens
from fairlead.apps.hub.shapes import Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex(Hosted):
    """Vertex AI, for the models of one publisher."""

    publisher: str
    tokens: Tokens = field(default_factory=Tokens, repr=False)

    def path(self, operation: Operation, sent: Sent, model: str, login: Login) -> str:
        """The shape's, from the model on, below project, region and publisher."""
        _, _, rest = sent.path.partition("/models/")
        where = f"projects/{login.extra.get('project', '')}/locations/{login.extra.get('region', '')}"
        return f"/v1/{where}/publishers/{self.publisher}/models/{rest}"

    def headers(self, login: Login) -> Mapping[str, str]:
        """The token that was given; nothing for a service account."""
        return {} if _renews(login) else Hosted.headers(self, login)

    def sign(self, login: Login, method: str, url: str, sent: Sent, now: float) -> Mapping[str, str] | None:
        """Google's token."""
        return {"authorization": f"Bearer {self._token(login).value(now)}"} if _renews(login) else None

    def keeper(self, login: Login) -> Keeper | None:
        """Who asks Google."""
        return self._token(login) if _renews(login) else None

    def _token(self, login: Login) -> Token:
        asked = partial(by_account, login.value) if _is_account(login) else by_machine
        return self.tokens.of(login, lambda: Token(asked, time.time))


def _is_account(login: Login) -> bool:
    return login.value.lstrip().startswith("{")


def _renews(login: Login) -> bool:
    return _is_account(login) or (not login.value and login.extra.get("workload") == "metadata")


PROVIDERS.register("vertex")(
    Vertex(
        name="vertex",
        url="https://{region}-aiplatform.googleapis.com",
        variable="GOOGLE_SERVICE_ACCOUNT",
        shape="gemini",
        speaks={"chat": ("gemini",), "count": ("gemini",), "embedding": ("vertex_embed",)},
        publisher="google",
        passes=frozenset({b"x-goog-api-client"}),
    )
)
