"""What the hub is told: providers, models, keys, limits. A wrong file is refused whole, with every problem named.

Read from a YAML or JSON file, or from `FAIRLEAD_CONFIG`; secrets are named, never contained.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from fairlead.kit import quantity


class Part(BaseModel):
    """A frozen part of the configuration; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _duration(value: object) -> object:
    return quantity.parse_duration(value) if isinstance(value, str) else value


def _rate(value: object) -> object:
    return quantity.parse_rate(value) if isinstance(value, str) else value


def _some_time(rate: tuple[int, float]) -> tuple[int, float]:
    if rate[1] <= 0:
        raise ValueError("expected a span of more than no time")
    return rate


def _instant(text: str) -> str:
    datetime.fromisoformat(text)
    return text


Duration = Annotated[float, BeforeValidator(_duration), Field(ge=0)]
"""Seconds; `30s` or `250ms` in the file."""

Rate = Annotated[tuple[int, float], BeforeValidator(_rate), AfterValidator(_some_time)]
"""So many in a span of seconds; `600/m` in the file."""


class Login(Part):
    """One key of a provider."""

    env: str
    """The variable that holds it."""
    weight: float = Field(default=1.0, gt=0)
    """How often it is taken, beside the others."""


class Timeouts(Part):
    """How long each part of a call may take; 0 is without limit."""

    connect: Duration = 5.0
    first_token: Duration = 60.0
    """To the first byte of the answer, of a whole answer to its last."""
    between_tokens: Duration = 60.0
    whole: Duration = 600.0


Unsupported = Literal["refuse", "ignore"]


class Provider(Part):
    """Somebody who answers."""

    kind: str | None = None
    """Which provider it is; its own name when left out."""
    url: str | None = None
    """Another address than the usual one."""
    keys: list[Login] = Field(default_factory=list)
    """Its keys; the usual variable when left out."""
    settings: dict[str, str] = Field(default_factory=dict)
    """What its kind needs beside: region, project, API version."""
    unsupported: Unsupported = "refuse"
    """What becomes of settings that it lacks (a seed, penalties, …): the request is refused, or they are left out."""
    timeouts: Timeouts = Timeouts()
    cool_down: Duration = 20.0
    """How long a key rests after a 429 without `Retry-After`, and a provider after it broke."""


def _target(value: object) -> object:
    return {"to": value} if isinstance(value, str) else value


class Target(Part):
    """A provider's model."""

    to: str = Field(pattern=r"^[^/]+/.+$")
    """`provider/model`."""
    weight: float = Field(default=1.0, ge=0)


Targets = Annotated[list[Annotated[Target, BeforeValidator(_target)]], Field(default_factory=list)]


class CachePolicy(Part):
    """What is answered from memory."""

    exact: bool = True
    """Equal requests of one tenant get equal answers (only with temperature 0, unless `always`)."""
    always: bool = False
    for_: Duration = Field(default=300.0, alias="for")
    semantic: float | None = Field(default=None, gt=0, le=1)
    """Cosine similarity from which two prompts count as the same; needs `embeddings`."""
    embeddings: str | None = None
    """The model that embeds prompts for it: one of `models`, or `provider/model`."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.semantic is not None and self.embeddings is None:
            raise ValueError("`semantic` needs `embeddings`: the model that embeds prompts")
        return self


class GuardPolicy(Part):
    """What is done about secrets in prompts and answers."""

    prompts: Literal["off", "flag", "redact", "block"] = "off"
    """`flag` tells of them, `redact` puts placeholders in their places before the prompt leaves, `block` refuses."""
    answers: Literal["off", "flag", "redact", "block"] = "off"
    restore: bool = True
    """Whether the client gets its own values back where an answer has their placeholders."""
    when_down: Literal["allow", "refuse"] | None = None
    """What becomes of a call while the guard app does not answer; when left out, a call that is only flagged is
    allowed, any other refused."""

    @property
    def is_on(self) -> bool:
        """Whether it has anything to do."""
        return self.prompts != "off" or self.answers != "off"


class ShadowPolicy(Part):
    """Copies of prompts for another model, whose answers only the figures get."""

    to: str
    """One of `models`, or `provider/model`."""
    sample: float = Field(default=0.01, gt=0, le=1)
    """The share of the route's conversations that are copied."""
    budget_usd_per_day: float = Field(default=1.0, ge=0)
    """What copies of this route may cost, by days in UTC."""


def _route(value: object) -> object:
    if isinstance(value, str):
        return {"targets": [value]}
    return {"targets": value} if isinstance(value, list) else value


class Route(Part):
    """A model as clients name it, and who answers for it."""

    targets: Targets
    fallbacks: Targets
    """Asked in order when no target answers."""
    balance: Literal["weighted", "latency", "cost"] = "weighted"
    retries: int = Field(default=2, ge=0, le=10)
    timeouts: Timeouts | None = None
    hedge: Duration | None = None
    """Ask a second target when the first has not begun to answer by then; the first answer wins."""
    unsupported: Unsupported | None = None
    """What becomes of settings that who answers lacks; what the provider's own `unsupported` says when left out."""
    cache: CachePolicy | None = None
    guard: GuardPolicy | None = None
    """The `guard` of all routes when left out; it takes the place of all of that."""
    shadow: ShadowPolicy | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    """Taken only for requests with these headers."""
    tags: list[str] = Field(default_factory=list)
    """Taken only for keys or requests with one of these tags."""


class Limit(Part):
    """How much may be used in a window. Money in USD."""

    requests: Rate | None = None
    tokens: Rate | None = None
    usd: float | None = Field(default=None, gt=0)
    per: Literal["minute", "hour", "day", "month", "ever"] = "month"
    """The window of `usd` (in UTC)."""
    concurrent: int | None = Field(default=None, ge=1)
    model: str | None = None
    """Only for this model."""


class Team(Part):
    """Keys that share limits."""

    limits: list[Limit] = Field(default_factory=list)


class Key(Part):
    """A virtual key. Its value is made by `fairlead hub keys create` or the admin API; only its hash is known here."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    team: str | None = None
    models: list[str] | None = None
    """Models it may ask; all when left out. `*` at the end matches any rest."""
    tags: list[str] = Field(default_factory=list)
    limits: list[Limit] = Field(default_factory=list)
    expires: Annotated[str, AfterValidator(_instant)] | None = None
    """An ISO 8601 time."""


def _providers(value: Any) -> Any:
    return {name: {} for name in value} if isinstance(value, list) else value


class Config(Part):
    """The whole."""

    providers: Annotated[dict[str, Provider], BeforeValidator(_providers)] = Field(
        default_factory=lambda: {"echo": Provider()}
    )
    models: dict[str, Annotated[Route, BeforeValidator(_route)]] = Field(default_factory=dict)
    """Beside these, `provider/model` names any model of a provider directly."""
    open: bool = False
    """Whether requests without a key are let in."""
    teams: dict[str, Team] = Field(default_factory=dict)
    keys: dict[str, Key] = Field(default_factory=dict)
    cache: CachePolicy | Literal["redis", "memory", "off"] = "memory"
    cache_bytes: int = Field(default=64 * 1024 * 1024, ge=0)
    prices: str | None = None
    """A file of prices that goes before the built-in table."""
    unpriced: Literal["refuse", "allow"] = "refuse"
    """Whether a key that is limited in USD may ask a model without a known price; allowed, it costs nothing."""
    outage: Literal["refuse", "serve"] = "refuse"
    """What becomes of requests while the store of shared budgets is away and what was lent of them is used up: no more
    is spent than the limit, or all is served and charged later."""
    ledger_keep: Duration = 90 * 86_400.0
    """How long requests stay in the ledger; 0: for ever."""
    admin_key: str | None = None
    """The variable that holds the key of the admin API; without one it answers on the metrics port, to anybody."""
    access_log: bool = True
    """Whether there is a JSON line on standard output for each request."""
    log_prompts: bool = False
    """Whether these lines hold what was asked, too: its first 16 KiB."""
    guard: GuardPolicy = GuardPolicy()
    """What is done about secrets on every route that does not say so itself."""
    guard_url: str | None = Field(default=None, pattern=r"^https?://[^/]")
    """The guard app; when none is named, the hub looks for secrets itself."""
    guard_key: str | None = None
    """The variable that holds the hub's key for the guard app."""
    guard_timeout: Duration = Field(default=2.0, gt=0)
    """How long the guard app may take for one look."""
    body_limit: int = 64 * 1024 * 1024
