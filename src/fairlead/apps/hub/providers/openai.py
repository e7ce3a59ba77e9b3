"""OpenAI itself: every operation of its protocols but rerank.

Source: https://platform.openai.com/docs/api-reference (addresses, `OpenAI-Organization` and `OpenAI-Project` headers).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.apps.hub.calls import Operation
from fairlead.apps.hub.providers import PROVIDERS, Login
from fairlead.apps.hub.providers.kinds import Compatible, Quirks

PLAIN: tuple[Operation, ...] = (
    "embedding",
    "image",
    "speech",
    "transcription",
    "moderation",
    "models",
    "files",
    "batches",
)
"""What is asked of OpenAI beside conversations."""

SPEAKS: Mapping[Operation, tuple[str, ...]] = {
    "chat": ("openai_chat", "openai_responses"),
    "completion": ("openai_completions",),
    **dict.fromkeys(PLAIN, ("openai_plain",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAI(Compatible):
    """OpenAI."""

    def headers(self, login: Login) -> Mapping[str, str]:
        """The key, and whose account and project it is when the settings say so."""
        whose = {f"openai-{name}": login.extra[name] for name in ("organization", "project") if name in login.extra}
        return {**Compatible.headers(self, login), **whose}


PROVIDERS.register("openai")(
    OpenAI(
        name="openai",
        url="https://api.openai.com/v1",
        variable="OPENAI_API_KEY",
        shape="openai_chat",
        speaks=SPEAKS,
        passes=frozenset({b"openai-beta", b"idempotency-key", b"x-client-request-id"}),
        quirks=Quirks(developer=True),
    )
)
