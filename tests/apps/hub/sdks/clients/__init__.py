"""The checks of each client; importing this puts all of them in."""

from tests.apps.hub.sdks.clients import (
    of_anthropic,
    of_cohere,
    of_google,
    of_mistral,
    of_openai,
    of_openai_plain,
    of_openai_responses,
)

__all__ = [
    "of_anthropic",
    "of_cohere",
    "of_google",
    "of_mistral",
    "of_openai",
    "of_openai_plain",
    "of_openai_responses",
]
