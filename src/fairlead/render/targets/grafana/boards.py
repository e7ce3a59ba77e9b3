"""The dashboards by name: what each shows of a stack, from the same words that alerts are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fairlead.render.parts.watching import scraping
from fairlead.render.parts.watching.declared import measure_of, subjects
from fairlead.render.parts.watching.families import family_of
from fairlead.render.parts.watching.measures import picked
from fairlead.render.parts.watching.where import Where
from fairlead.render.parts.watching.words import TABLE
from fairlead.render.targets.grafana.panels import Panel, Unit, of_measures
from fairlead.stack.metric_words import WORDS
from fairlead.stack.model import Stack

Board = Callable[[Where], Iterator[Panel]]


def word(where: Where, name: str, title: str, unit: Unit | None = None) -> Panel:
    """A graph of a word, of everything that it is about."""
    found = [
        (subject or where.stack.name, measure_of(where, name, subject))
        for _, subject in subjects(where, TABLE[name].about)
    ]
    return of_measures(title, found, unit, WORDS[name])


def _services(where: Where) -> Iterator[Panel]:
    yield word(where, "requests", "Requests per second", "reqps")
    yield word(where, "errors", "Errors")
    yield word(where, "latency-p50", "Response time, p50")
    yield word(where, "latency-p95", "Response time, p95")
    yield word(where, "latency-p99", "Response time, p99")
    yield word(where, "first-token-p95", "Time to the first token, p95")
    yield word(where, "in-flight", "Requests under way")
    yield Panel("Instances", tuple(_of_services(where, "sum(up{})")), description="that answer")
    left = ("{{sloth_service}}", "slo:period_error_budget_remaining:ratio")
    yield Panel("Error budget left", (left,), "percentunit", "of the availability that is promised")
    for name, service, _ in scraping.services(where.stack):
        if service.uses == "hub":
            yield from _providers(name, where.labels(service=name))


def _providers(hub: str, labels: dict[str, str]) -> Iterator[Panel]:
    """What a hub sees of those who answer."""
    errors = f"sum by (provider) (rate({picked('fairlead_hub_provider_errors_total', labels)}[5m]))"
    yield Panel(f"{hub}: errors of providers per second", (("{{provider}}", errors),))
    rate = f"rate({picked('gen_ai_client_operation_duration_seconds_bucket', labels)}[5m])"
    slow = f"histogram_quantile(0.95, sum by (gen_ai_provider_name, le) ({rate}))"
    yield Panel(f"{hub}: response time of providers, p95", (("{{gen_ai_provider_name}}", slow),), "s")


def _infrastructure(where: Where) -> Iterator[Panel]:
    yield word(where, "cpu", "CPU of services, part of the limit")
    yield word(where, "memory", "Memory of services, part of the limit")
    yield word(where, "node-cpu", "CPU of machines")
    yield word(where, "node-memory", "Memory of machines")
    yield word(where, "disk", "Fullest disk")
    received = 'sum by (instance) (rate(node_network_receive_bytes_total{device!="lo"}[5m]))'
    sent = 'sum by (instance) (rate(node_network_transmit_bytes_total{device!="lo"}[5m]))'
    yield Panel("Network, bytes per second", (("{{instance}} in", received), ("{{instance}} out", sent)), "bytes")
    yield word(where, "restarts", "Restarts in an hour")
    yield word(where, "open-files", "Open files, part of the limit")


def _database(where: Where) -> Iterator[Panel]:
    yield word(where, "database-down", "Servers that do not answer")
    yield word(where, "database-connections", "Connections, part of the limit")
    yield _rates(where, "Transactions per second", "postgres", "pg_stat_database_xact_commit")
    yield _rates(where, "Rolled back per second", "postgres", "pg_stat_database_xact_rollback")
    yield Panel("Size", tuple(_of_stores(where, "postgres", "sum(pg_database_size_bytes{})")), "bytes")
    yield _rates(where, "Deadlocks per second", "postgres", "pg_stat_database_deadlocks")
    yield word(where, "replication-lag", "Replicas behind", "s")
    yield word(where, "search-health", "Search: 1 yellow, 2 red")


def _cache(where: Where) -> Iterator[Panel]:
    yield word(where, "cache-hit-rate", "Answers from the cache")
    yield word(where, "redis-hit-rate", "Keys found in Redis")
    yield word(where, "redis-memory", "Memory of Redis, part of the limit")
    yield Panel("Memory of Redis", tuple(_of_stores(where, "redis", "sum(redis_memory_used_bytes{})")), "bytes")
    yield _rates(where, "Commands per second", "redis", "redis_commands_processed_total")
    yield _rates(where, "Evicted per second", "redis", "redis_evicted_keys_total")
    yield Panel("Clients of Redis", tuple(_of_stores(where, "redis", "sum(redis_connected_clients{})")))
    yield word(where, "redis-down", "Servers that do not answer")


def _queue(where: Where) -> Iterator[Panel]:
    yield word(where, "queue-depth", "Waiting in services")
    yield word(where, "kafka-lag", "Messages not read yet")
    yield _rates(where, "Messages per second", "kafka", "kafka_topic_partition_current_offset")
    yield Panel("Brokers", tuple(_of_stores(where, "kafka", "max(kafka_brokers{})")))
    yield word(where, "kafka-under-replicated", "Partitions with too few copies")


def _business(where: Where) -> Iterator[Panel]:
    yield Panel("Requests in a day", tuple(_of_services(where, "sum(increase(REQUESTS{}[1d]))")))
    yield word(where, "cost-per-request", "Cost of a request")
    yield Panel("Cost in a day", tuple(_of_services(where, "sum(increase(COST{}[1d]))")), "currencyUSD")
    yield word(where, "quality", "Quality")
    yield word(where, "budget-left", "Smallest budget left")
    for name, service, _ in scraping.services(where.stack):
        if service.uses == "hub":
            tokens = picked("fairlead_hub_tokens_total", where.labels(service=name))
            yield Panel(f"{name}: tokens per second", (("{{kind}}", f"sum by (kind) (rate({tokens}[5m]))"),))


def _optimizer(where: Where) -> Iterator[Panel]:
    """Eight, of what the optimizer tells."""
    yield word(where, "requests", "Request rate", "reqps")
    yield word(where, "errors", "Error rate")
    yield word(where, "latency-p95", "Response time, p95")
    rate = "sum by (le) (rate(optimization_cycle_duration_seconds_bucket{}[5m]))"
    yield Panel("Cycle duration, p95", tuple(_of_services(where, f"histogram_quantile(0.95, {rate})")), "s")
    yield word(where, "cpu", "CPU, part of the limit")
    yield word(where, "memory", "Memory, part of the limit")
    yield word(where, "quality", "Quality")
    yield Panel("Cost per hour", tuple(_of_services(where, "sum(increase(COST{}[1h]))")), "currencyUSD")


BOARDS: dict[str, tuple[str, Board]] = {
    "services": ("Services", _services),
    "infrastructure": ("Infrastructure", _infrastructure),
    "database": ("Databases", _database),
    "cache": ("Cache", _cache),
    "queue": ("Queues", _queue),
    "business": ("Business", _business),
    "optimizer": ("Optimizer", _optimizer),
}
"""By the names of `watching.dashboards`."""


def panels(stack: Stack, name: str) -> list[Panel]:
    """Of one dashboard, those that have something to ask."""
    return [panel for panel in BOARDS[name][1](Where(stack)) if panel.asked]


def _of_services(where: Where, shape: str) -> Iterator[tuple[str, str]]:
    """An expression of each service: `{}` is where its labels go, `REQUESTS` and `COST` its own names of those."""
    for name, service, _ in scraping.services(where.stack):
        family = family_of(service)
        text = shape.replace("REQUESTS", family.requests).replace("COST", family.cost)
        yield name, text.replace("{}", picked("", where.labels(service=name)))


def _rates(where: Where, title: str, kind: str, counter: str) -> Panel:
    """How fast a counter of each store of a kind rises."""
    return Panel(title, tuple(_of_stores(where, kind, f"sum(rate({counter}{{}}[5m]))")))


def _of_stores(where: Where, kind: str, shape: str) -> Iterator[tuple[str, str]]:
    for name, store, _ in scraping.stores(where.stack):
        if store == kind:
            yield name, shape.replace("{}", picked("", where.labels(store=name)))
