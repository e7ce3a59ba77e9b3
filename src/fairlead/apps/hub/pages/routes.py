"""Who answers for which model, at what price, and who can't be asked now; and a reload on request."""

from __future__ import annotations

import time
from typing import Literal

from fairlead.apps.hub.calls import Usage
from fairlead.apps.hub.money.cost import Price
from fairlead.apps.hub.pages.asking import Asked, Form, Refused
from fairlead.apps.hub.pages.endpoints import Endpoint
from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.routes.targets import Host, Lane, Target
from fairlead.apps.hub.state import Hub

MILLION = 1_000_000
NANO = 1_000_000_000


class PriceShown(Form):
    """USD for a million tokens in the ordinary tier, short prompts, now."""

    input: float
    output: float


class TargetShown(Form):
    """A provider's model."""

    to: str
    """`provider/model`."""
    weight: float
    price: PriceShown | None = None
    """Nothing where no table of prices has the model, or it is billed by other measures."""
    under_way: int
    """Requests it answers now, of this hub."""


class RouteShown(Form):
    """A model as clients name it, for some or all requests."""

    model: str
    label: str
    """Its name in the configuration."""
    targets: list[TargetShown]
    fallbacks: list[TargetShown]
    balance: Literal["weighted", "latency", "cost"]
    retries: int
    hedge_s: float | None
    headers: dict[str, str]
    """Taken only for requests with these."""
    tags: list[str]
    """Taken only for keys or requests with one of these."""


class LaneShown(Form):
    """A key of a provider."""

    variable: str
    """That holds it."""
    weight: float
    state: Literal["closed", "open", "half open"]
    """Of its breaker: `open` after failures, then nobody asks."""
    asked_again_in_s: float | None = None
    """Where it rests."""


class HostShown(Form):
    """A provider as it is configured."""

    name: str
    kind: str
    address: str
    keys: list[LaneShown]


class RoutesShown(Form):
    """What requests go by."""

    models: list[RouteShown]
    providers: list[HostShown]
    problems: list[str]
    """Why the newest configuration was refused; none while it holds."""


class Reloaded(Form):
    """A configuration that holds now."""

    models: int
    providers: int


async def shown(hub: Hub, asked: Asked) -> RoutesShown:
    """The table of the moment."""
    table, now = hub.table, time.monotonic()
    return RoutesShown(
        models=[_route(route) for name in table.names() for route in table.routes[name]],
        providers=[_host(host, now) for host in table.hosts.values()],
        problems=list(hub.problems),
    )


async def reloaded(hub: Hub, asked: Asked) -> Reloaded:
    """Read the configuration again."""
    try:
        await hub.reload()
    except Misconfigured as error:
        raise Refused(
            422,
            "misconfigured",
            "the new configuration is refused, the old one stays",
            problems=error.problems,
        ) from None
    return Reloaded(models=len(hub.table.names()), providers=len(hub.table.hosts))


def _route(route: Route) -> RouteShown:
    return RouteShown(
        model=route.model,
        label=route.label,
        targets=[_target(one) for one in route.targets],
        fallbacks=[_target(one) for one in route.fallbacks],
        balance=route.balance,
        retries=route.retries,
        hedge_s=route.hedge_s,
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in route.headers.items()},
        tags=sorted(route.tags),
    )


def _target(target: Target) -> TargetShown:
    return TargetShown(to=target.name, weight=target.weight, price=_price(target), under_way=target.pace.under_way)


def _price(target: Target) -> PriceShown | None:
    price = target.price
    if not isinstance(price, Price) or not price.known:
        return None
    asked, given = Usage(input=1000), Usage(output=1000)
    if price.lacks(asked) or price.lacks(given):
        return None
    return PriceShown(input=price.cost(asked) / 1000 * MILLION / NANO, output=price.cost(given) / 1000 * MILLION / NANO)


def _host(host: Host, now: float) -> HostShown:
    return HostShown(
        name=host.name, kind=host.kind.name, address=_address(host), keys=[_lane(one, now) for one in host.lanes]
    )


def _address(host: Host) -> str:
    """Without a user and a password, that might stand in it."""
    return f"{host.address.partition('://')[0]}://{host.authority.decode('latin-1')}{host.base}"


def _lane(lane: Lane, now: float) -> LaneShown:
    breaker = lane.breaker
    wait = None if breaker.ready(now) else max(0.0, round(breaker.when() - now, 3))
    return LaneShown(variable=lane.login.name, weight=lane.weight, state=breaker.state(now), asked_again_in_s=wait)


ENDPOINTS = (
    Endpoint(
        "GET", "/admin/routes", "Show models, providers, prices and breakers", shown, RoutesShown, "Routes",
        words="Of the hub that answers; others may have other breakers open.",
    ),
    Endpoint(
        "POST", "/admin/reload", "Read the configuration again", reloaded, Reloaded, "Routes",
        words="With any problem (422, all of them named) the old one stays. A file that changes is read by itself.",
    ),
)  # fmt: skip
