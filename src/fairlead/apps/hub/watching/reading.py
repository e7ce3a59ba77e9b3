"""What is not counted but looked up when the metrics are read: the state of all parts of the hub at that moment."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from fairlead import __version__
from fairlead.apps.hub.accounts.limits import CONCURRENT, MEASURES, MONEY, NANO
from fairlead.apps.hub.accounts.slices import Meter
from fairlead.apps.hub.figures import Figure
from fairlead.apps.hub.state import Hub

MOST_METERS = 200
"""Limits that are shown one by one; of more, only those of teams."""

Sample = tuple[Mapping[str, str], float]
Samples = list[Sample]


def figures(hub: Hub) -> Iterator[Figure]:
    """Everything."""
    yield from requests(hub)
    yield from providers(hub)
    yield from cache(hub)
    yield from ledger(hub)
    yield from budgets(hub.office.roster.meters, time.time())
    yield _one("fairlead_hub_info", "The hub, with its version; always 1.", 1, version=__version__)
    yield _one("fairlead_hub_ready", "1 while requests should be sent here.", hub.ready)
    yield _one(
        "fairlead_hub_configuration_problems",
        "Problems of the newest configuration, because of which the one before it is in use.",
        len(hub.problems),
    )


def requests(hub: Hub) -> Iterator[Figure]:
    """What is under way."""
    flights = hub.desk.flights
    yield _one("fairlead_hub_requests_in_flight", "Requests under way.", len(flights))
    waiting = sum(1 for one in flights if not one.attempts)
    yield _one(
        "fairlead_hub_queue_depth_requests",
        "Requests under way that wait here: for a budget, the cache, a shared answer, or before another attempt.",
        waiting,
    )
    yield _one("fairlead_hub_streams_in_flight", "Streams that have begun.", sum(1 for one in flights if one.begun))
    yield _one("fairlead_hub_client_connections", "Connections of clients.", len(hub.clients.connected))


def providers(hub: Hub) -> Iterator[Figure]:
    """How those are who answer."""
    now = time.monotonic()
    states: Samples = []
    rests: Samples = []
    connections: Samples = []
    for host in hub.table.hosts.values():
        idle, opened = host.pool.idle, host.pool.open
        connections.append(({"provider": host.name, "state": "idle"}, idle))
        connections.append(({"provider": host.name, "state": "busy"}, max(0, opened - idle)))
        for number, lane in enumerate(host.lanes):
            labels = {"provider": host.name, "key": str(number)}
            state = lane.breaker.state(now)
            states += [({**labels, "state": one}, float(one == state)) for one in ("closed", "half open", "open")]
            rests.append((labels, max(0.0, lane.breaker.rests_until - now)))
    words = "1 for the state that the circuit breaker of a provider's key is in; keys are numbered as configured."
    yield Figure("fairlead_hub_breaker_state", "gauge", words, states)
    words = "Seconds that a provider's key still rests, as its provider asked for."
    yield Figure("fairlead_hub_provider_key_rest_seconds", "gauge", words, rests)
    yield Figure("fairlead_hub_provider_connections", "gauge", "Connections to a provider.", connections)
    yield Figure(
        "fairlead_hub_provider_requests_in_flight", "gauge", "Requests that a provider's model works on.", _load(hub)
    )


def _load(hub: Hub) -> Samples:
    found: dict[tuple[str, str], int] = {}
    for route in (one for routes in hub.table.routes.values() for one in routes):
        for target in (*route.targets, *route.fallbacks):
            found[target.host.name, target.model] = target.pace.under_way
    return [({"provider": name, "model": model}, count) for (name, model), count in found.items()]


def cache(hub: Hub) -> Iterator[Figure]:
    """What was asked of the cache, and what it takes."""
    found = hub.cache.cache
    pool = hub.cache.pool
    elsewhere = sum(count for level, count in found.by_level.items() if level != "memory")
    shared = pool.followed if pool is not None else 0
    results = {**found.by_level, "miss": max(0, found.misses - elsewhere), "shared": shared}
    samples: Samples = [({"result": result}, count) for result, count in results.items()]
    words = "Requests that the cache was asked for: found in memory, redis or by meaning (semantic), shared, or missed."
    yield Figure("fairlead_hub_cache_requests_total", "counter", words, samples)
    yield _one("fairlead_hub_cache_size_bytes", "Answers kept in memory.", found.memory.bytes)
    yield _one("fairlead_hub_shared_calls", "Calls under way that equal requests may follow.", len(pool or ()))


def ledger(hub: Hub) -> Iterator[Figure]:
    """Whether everything gets written down."""
    health = hub.office.health
    yield _one("fairlead_hub_spool_bytes", "Records of requests that the ledger has not got yet.", health.backlog_bytes)
    yield _one("fairlead_hub_spool_full", "1 while no request is begun, since it could get lost.", health.full)
    yield _one(
        "fairlead_hub_spool_failing",
        "1 while records are in memory only, since the disk does not take them.",
        health.spool_problem is not None,
    )
    yield _one("fairlead_hub_ledger_away", "1 while the ledger's store is away.", health.ledger_away_since is not None)
    words = "1 while the store of budgets is away."
    yield _one("fairlead_hub_budget_store_away", words, health.budgets_away_since is not None)
    yield _one("fairlead_hub_reserved_requests", "Requests with a reservation that is not settled.", health.under_way)


def budgets(meters: Iterable[Meter], now: float) -> Iterator[Figure]:
    """What is left of every limit, in each measure's own unit; and what of it was lent to this process."""
    meters = list(meters)
    if len(meters) > MOST_METERS:
        meters = [one for one in meters if one.rule.counter.startswith("team|")][:MOST_METERS]
    for measure, name in enumerate(MEASURES):
        unit = {MONEY: "usd", CONCURRENT: "concurrent_requests"}.get(measure, name)
        name = {CONCURRENT: "requests at once"}.get(measure, name)
        scale = NANO if measure == MONEY else 1
        limit, left, lent = Samples(), Samples(), Samples()
        for meter in (one for one in meters if one.rule.measure == measure):
            labels = _whose(meter)
            most, part = meter.rule.most, meter.slice
            is_over = now >= part.ends  # the window is over and nothing was asked in the next
            limit.append((labels, most / scale))
            left.append((labels, (most if is_over else min(most, part.remaining)) / scale))
            lent.append((labels, 0 if is_over else max(0, part.granted - part.spent) / scale))
        yield Figure(f"fairlead_hub_budget_limit_{unit}", "gauge", f"The limit of {name} in its window.", limit)
        words = f"What is left of a limit of {name} in its window, as far as this process knows."
        yield Figure(f"fairlead_hub_budget_left_{unit}", "gauge", words, left)
        words = f"What of a limit of {name} is lent to this process and not spent."
        yield Figure(f"fairlead_hub_budget_lent_{unit}", "gauge", words, lent)


def _whose(meter: Meter) -> Mapping[str, str]:
    scope, name, _, window, model = meter.rule.counter.split("|")
    return {scope: unquote(name), "window": window} | ({} if model == "*" else {"model": unquote(model)})


def _one(name: str, words: str, value: float, **labels: str) -> Figure:
    return Figure(name, "gauge", words, [(labels, float(value))])
