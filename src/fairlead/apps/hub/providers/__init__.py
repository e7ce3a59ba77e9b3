"""Who answers, each one file that registers itself: what it speaks, where, and how a request is authorized.

A provider of OpenAI's shape is a few lines: a name, an address, the variable of its key, and what it can't do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fairlead.apps.hub.calls import Operation
from fairlead.apps.hub.shapes import Sent
from fairlead.kit.registry import Registry


@dataclass(frozen=True, slots=True)
class Login:
    """One key of a provider: `value` is secret and never shown; `extra` are settings (region, project, deployment)."""

    name: str
    value: str = field(repr=False)
    extra: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """One kind of provider."""

    name: str
    shape: str
    """The shape that it speaks, for chats."""
    url: str
    """Its usual address; `{region}` and the like are filled from the settings."""
    variable: str | None
    """The environment variable in which its key is usually found."""

    def shape_of(self, operation: Operation) -> str | None:
        """What it speaks for an operation; `None` when it has none such."""

    def path(self, operation: Operation, sent: Sent, model: str, login: Login) -> str:
        """Where, below its address, a request goes."""

    def headers(self, login: Login) -> Mapping[str, str]:
        """What authorizes every request alike; empty for one that signs."""

    def sign(self, login: Login, method: str, url: str, sent: Sent, now: float) -> Mapping[str, str] | None:
        """What authorizes this very request (AWS Signature 4, short-lived tokens); `None`: it does not sign."""


PROVIDERS: Registry[Provider] = Registry(
    kind="provider", package="fairlead.apps.hub.providers", group="fairlead.hub.providers"
)
"""Every provider by its name; one of another package joins through the entry-point group."""
