"""What the administration reads and writes, as JSON: times in ISO 8601 (UTC), rates as `600/m`, money in USD."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from fairlead.apps.hub import config
from fairlead.apps.hub.pages.asking import Form
from fairlead.kit import quantity

RATE = r"^[0-9]{1,12}/[0-9a-z.]+$"


class LimitForm(Form):
    """How much may be used in a window. Each measure that is given is a limit."""

    requests: str | None = Field(default=None, pattern=RATE, examples=["600/m"])
    """So many requests in a span: `600/m`, `10/30s`."""
    tokens: str | None = Field(default=None, pattern=RATE, examples=["100000/m"])
    """So many tokens, asked and answered, in a span."""
    usd: float | None = Field(default=None, gt=0)
    """US dollars, in the window that `per` names."""
    per: Literal["minute", "hour", "day", "month", "ever"] = "month"
    """The window of `usd`, in UTC."""
    concurrent: int | None = Field(default=None, ge=1)
    """Requests under way at once."""
    model: str | None = None
    """Only for this model."""

    @model_serializer(mode="wrap")
    def _given(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Only what is limited."""
        said: dict[str, Any] = write(self)
        return {name: one for name, one in said.items() if one is not None and (name != "per" or self.usd)}

    @classmethod
    def of(cls, limit: config.Limit) -> LimitForm:
        """As it is shown."""
        said = limit.model_dump(exclude={"requests", "tokens"})
        rates = {name: quantity.format_rate(rate) for name in ("requests", "tokens") if (rate := getattr(limit, name))}
        return cls(**said, **rates)


class Name(Form):
    """Something by its name."""

    name: str


class Budget(Form):
    """A limit, and how much of it is used in the window of the moment, by all hubs together."""

    scope: Literal["key", "team"]
    name: str
    measure: Literal["requests", "tokens", "usd", "concurrent"]
    per: str
    """The window: a span (`60s`), `day`, `month`, …; `now` for requests under way."""
    model: str | None = None
    """Only of this model."""
    limit: float
    used: float | None = None
    """Settled, known about a second late; of requests under way nothing is known here."""
    left: float | None = None
    ends: str | None = None
    """When the window ends; nothing for one that never does."""


def moment(seconds: float | None) -> str | None:
    """Seconds since 1970 as a time."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def limits_of(limits: list[config.Limit]) -> list[LimitForm]:
    """As they are shown."""
    return [LimitForm.of(one) for one in limits]
