"""Who answers, each one file that registers itself: what it speaks, where, and how a request is authorized.

A provider of OpenAI's shape is a few lines: a name, an address, the variable of its key, and what it can't do.
What stays the same for all requests (address, headers) is asked for once per configuration; what a single request
needs (`fit`, `sign`) is pure, and what has to be fetched for it (short-lived tokens) is fetched beside (`keeper`).
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


class Unready(Exception):
    """A request can't be authorized yet, or no longer: the short-lived token is missing; the message says why."""


class Keeper(Protocol):
    """Keeps the short-lived token of one login, so that `sign` finds it without waiting."""

    async def renew(self) -> float:
        """Fetch a new one. Gives the seconds until it should be done again; raises `Unready` when it failed."""


class Provider(Protocol):
    """One kind of provider."""

    @property
    def name(self) -> str:
        """As the configuration calls it."""

    @property
    def shape(self) -> str:
        """The shape that it speaks, for chats."""

    @property
    def url(self) -> str:
        """Its usual address; `{region}` and the like are filled from the settings."""

    @property
    def variable(self) -> str | None:
        """The environment variable in which its key is usually found; `None`: it needs none."""

    @property
    def passes(self) -> frozenset[bytes]:
        """Headers of the client, in lower case, that it wants to see."""

    @property
    def needs(self) -> Mapping[bytes, bytes]:
        """Headers that it asks for, with what is said where neither the client nor the shape says them."""

    def shape_of(self, operation: Operation, asked: str = "") -> str | None:
        """What it speaks for an operation, `asked` (the client's shape) if it can; `None` when it has none such."""

    def path(self, operation: Operation, sent: Sent, model: str, login: Login) -> str:
        """Where, below its address, a request goes."""

    def headers(self, login: Login) -> Mapping[str, str]:
        """What authorizes every request alike; empty for one that signs."""

    def fit(self, shape: str, body: bytes, lenient: bool = False) -> bytes:
        """A body of that shape as it takes it, mostly the same. Raises `Unsayable` for what it can't do, unless that is
        to be left out (`lenient`)."""

    def sign(self, login: Login, method: str, url: str, sent: Sent, now: float) -> Mapping[str, str] | None:
        """What authorizes this very request (AWS Signature 4, short-lived tokens); `None`: it does not sign.

        `now` is seconds since 1970. Raises `Unready`.
        """

    def keeper(self, login: Login) -> Keeper | None:
        """Who keeps its token, when it has one: to be renewed before the first request and then in time."""

    async def start(self) -> str | None:
        """Start what answers, when it is part of this process, and give its address."""

    async def stop(self) -> None:
        """End what `start` started; as often as that was called."""


PROVIDERS: Registry[Provider] = Registry(
    kind="provider", package="fairlead.apps.hub.providers", group="fairlead.hub.providers"
)
"""Every provider by its name; one of another package joins through the entry-point group."""
