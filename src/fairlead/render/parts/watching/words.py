"""What the words of `watching.alerts.*.metric` mean in PromQL: one table, by what they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from fairlead.render.cluster.quantities import DEFAULT_CPU, DEFAULT_MEMORY
from fairlead.render.parts.watching.families import Counted, Family, family_of
from fairlead.render.parts.watching.measures import (
    Feed,
    Measure,
    gauge,
    growth,
    increase,
    mean,
    part,
    picked,
    quantile,
    rate,
)
from fairlead.render.parts.watching.where import Where

Labels = Mapping[str, str]
Build = Callable[[Where, str], Measure]
"""The measure of a subject: a service, a store, or nothing (an empty name) where the whole stack is meant."""

HOUR_M = 60
REAL_DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs|rootfs"'


@dataclass(frozen=True, slots=True)
class Word:
    """What a word is about, and its measure."""

    about: Literal["service", "postgres", "redis", "kafka", "search", "stack", "hub"]
    build: Build


def _service(measure: Callable[[Family, Labels], Measure]) -> Word:
    def build(where: Where, name: str) -> Measure:
        return measure(family_of(where.stack.services[name]), where.labels(service=name))

    return Word("service", build)


def _store(about: Literal["postgres", "redis", "kafka", "search"], measure: Callable[[Labels], Measure]) -> Word:
    return Word(about, lambda where, name: measure(where.labels(store=name)))


def one(counted: Counted, labels: Labels) -> str:
    """The selector of a counter."""
    return picked(counted.metric, labels, counted.matchers)


def _fed(counted: Counted, labels: Labels) -> str:
    return picked(counted.metric, {**labels, **counted.labels})


def _down(where: Where, name: str) -> Measure:
    up = picked("up", where.labels(service=name))

    def feeds(bound: float) -> tuple[Feed, ...]:
        def instance(number: int) -> Feed:
            series = picked("up", where.labels(service=name, instance=f"{number}"))
            return Feed(series, lambda value: 0.0 if value > bound else 1.0)

        return tuple(instance(number) for number in range(int(max(bound, 0)) + 1))

    return Measure(f"sum(1 - {up}) or absent({up})", feeds, window_m=1)


def errors(family: Family, labels: Labels, window: str = "5m") -> Measure:
    """Failed requests among all of them. A counter of both is fed by its successes and its failures apart."""
    bad, total = one(family.failures, labels), picked(family.requests, labels)
    found = part(bad, _fed(family.failures, labels), total, _fed(family.successes, labels), window)
    if family.failures.metric != family.requests:
        return found
    failed, rest = found.feeds(0)
    apart = (failed, Feed(rest.series, lambda value: rest.of(0) * (1 - value), "counter"))
    return replace(found, feeds=lambda _: apart)


def hits(family: Family, labels: Labels) -> Measure:
    """Answers from the cache among all that it was asked for."""
    found, missed = one(family.hits, labels), one(family.misses, labels)
    text = f"sum(rate({found}[5m])) / (sum(rate({found}[5m])) + sum(rate({missed}[5m])))"
    feeds = (
        Feed(_fed(family.hits, labels), lambda value: 600 * value, "counter"),
        Feed(_fed(family.misses, labels), lambda value: 600 * (1 - value), "counter"),
    )
    return Measure(text, lambda _: feeds, most=1.0, unit="ratio")


def _cost(family: Family, labels: Labels) -> tuple[str, str]:
    return picked(family.cost, labels), picked(family.costed, labels)


def _cpu(where: Where, name: str) -> Measure:
    limit = where.stack.services[name].resources.cpu.limit or DEFAULT_CPU[1]
    selector = picked("process_cpu_seconds_total", where.labels(service=name))
    feeds = (Feed(selector, lambda value: value * limit * 60, "counter"),)
    return Measure(f"max(rate({selector}[5m])) / {limit:g}", lambda _: feeds, unit="ratio")


def _memory(where: Where, name: str) -> Measure:
    limit = where.stack.services[name].resources.memory.limit or int(DEFAULT_MEMORY[1])
    labels = where.labels(service=name)
    return _ratio(gauge("process_resident_memory_bytes", labels, f"max({{}}) / {limit}", times=float(limit)))


def _ratio(measure: Measure) -> Measure:
    return replace(measure, unit="ratio")


def _filled(used: str, whole: str, labels: Labels, *matchers: str, fed: Labels, free: bool) -> Measure:
    """Part of a whole that is used, the fullest of all; `free` where the first metric is what is not used."""
    first, second = picked(used, labels, *matchers), picked(whole, labels, *matchers)
    text = f"max(1 - {first} / {second})" if free else f"max({first} / {second})"
    feeds = (
        Feed(picked(used, {**labels, **fed}), lambda value: 1000 * (1 - value if free else value)),
        Feed(picked(whole, {**labels, **fed}), lambda _: 1000),
    )
    return Measure(text, lambda _: feeds, most=1.0, unit="ratio")


def _disk(where: Where, _: str) -> Measure:
    if where.namespace:
        volume, labels = {"persistentvolumeclaim": "data"}, where.labels()
        used, whole = "kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes"
        return _filled(used, whole, labels, fed=volume, free=False)
    disk = {"mountpoint": "/", "fstype": "ext4"}
    return _filled("node_filesystem_avail_bytes", "node_filesystem_size_bytes", {}, REAL_DISKS, fed=disk, free=True)


def _node_cpu(_where: Where, _: str) -> Measure:
    idle = 'node_cpu_seconds_total{mode="idle"}'
    feeds = (Feed(picked("node_cpu_seconds_total", {"mode": "idle", "cpu": "0"}), lambda v: 60 * (1 - v), "counter"),)
    text = f"max(1 - avg by (instance) (rate({idle}[5m])))"
    return Measure(text, lambda _: feeds, most=1.0, unit="ratio")


def _node_memory(_where: Where, _: str) -> Measure:
    return _filled("node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes", {}, fed={}, free=True)


def _connections(labels: Labels) -> Measure:
    taken, most = picked("pg_stat_activity_count", labels), picked("pg_settings_max_connections", labels)
    feeds = (Feed(taken, lambda value: 100 * value), Feed(most, lambda _: 100))
    return Measure(f"sum({taken}) / max({most})", lambda _: feeds, unit="ratio")


def _away(metric: str) -> Callable[[Labels], Measure]:
    """1 while an exporter says that its server does not answer."""

    def measure(labels: Labels) -> Measure:
        up = picked(metric, labels)
        feeds = (Feed(up, lambda value: 1 - min(value, 1)),)
        return Measure(f"max(1 - {up}) or absent({up})", lambda _: feeds, window_m=1, most=1.0)

    return measure


def _redis_memory(labels: Labels) -> Measure:
    used, most = picked("redis_memory_used_bytes", labels), picked("redis_memory_max_bytes", labels)
    feeds = (Feed(used, lambda value: 1000 * value), Feed(most, lambda _: 1000))
    return Measure(f"max({used} / ({most} > 0))", lambda _: feeds, unit="ratio")


def redis_hits(labels: Labels) -> Measure:
    """Keys that were there among those looked for."""
    family = Family(hits=Counted("redis_keyspace_hits_total"), misses=Counted("redis_keyspace_misses_total"))
    return hits(family, labels)


def _search(labels: Labels) -> Measure:
    red, yellow = (picked("elasticsearch_cluster_health_status", {**labels, "color": c}) for c in ("red", "yellow"))
    feeds = (Feed(red, lambda value: float(value >= 2)), Feed(yellow, lambda value: float(1 <= value < 2)))
    return Measure(f"max(2 * {red}) > 0 or max({yellow})", lambda _: feeds, most=2.0)


def _releases(where: Where, _: str) -> Measure:
    if where.namespace:
        series = picked("rollout_info", where.labels(phase="Degraded"))
        return Measure(f"sum({series}) or vector(0)", lambda _: (Feed(series, lambda value: value),), window_m=1)
    return increase("fairlead_releases_failed_total", "1h", HOUR_M)


def _certificates(where: Where, _: str) -> Measure:
    if where.namespace:
        metric, labels = "certmanager_certificate_expiration_timestamp_seconds", where.labels()
    else:
        metric, labels = "probe_ssl_earliest_cert_expiry", where.labels()
    shape = "(min({}) - time()) / 86400"
    return replace(gauge(metric, labels, shape, times=86400.0), unit="days")


def _restarts(where: Where, name: str) -> Measure:
    selector = picked("process_start_time_seconds", where.labels(service=name))

    def feeds(bound: float) -> tuple[Feed, ...]:
        return (Feed(selector, lambda value: 60.0 if value > bound else 0.0, "counter"),)

    return Measure(f"sum(changes({selector}[1h]))", feeds, window_m=HOUR_M)


def _files(where: Where, name: str) -> Measure:
    labels = where.labels(service=name)
    return _filled("process_open_fds", "process_max_fds", labels, fed={}, free=False)


def _budget(where: Where, name: str) -> Measure:
    labels = where.labels(service=name)
    left, limit = (picked(f"fairlead_hub_budget_{which}_usd", labels) for which in ("left", "limit"))
    feeds = (Feed(left, lambda value: 100 * value), Feed(limit, lambda _: 100))
    return Measure(f"min({left} / ({limit} > 0))", lambda _: feeds, most=1.0, unit="ratio")


def _quantiles(words: str, which: Callable[[Family], str]) -> dict[str, Word]:
    def word(percent: float) -> Word:
        return _service(lambda family, labels: quantile(which(family), labels, percent))

    return {f"{words}-p{percent}": word(percent) for percent in (50, 95, 99)}


TABLE: dict[str, Word] = {
    "down": Word("service", _down),
    "errors": _service(errors),
    **_quantiles("latency", lambda family: family.duration),
    **_quantiles("first-token", lambda family: family.first_token),
    "requests": _service(lambda family, labels: rate(picked(family.requests, labels))),
    "in-flight": _service(lambda family, labels: gauge(family.in_flight, labels, "sum({})")),
    "queue-depth": _service(lambda family, labels: gauge(family.queue, labels, "sum({})")),
    "cache-hit-rate": _service(hits),
    "cost-per-request": _service(lambda family, labels: mean(*_cost(family, labels))),
    "cost-increase": _service(lambda family, labels: growth(*_cost(family, labels))),
    "quality": _service(lambda family, labels: _ratio(gauge(family.quality, labels, "avg({})"))),
    "drift": _service(lambda family, labels: gauge(family.drift, labels)),
    "cpu": Word("service", _cpu),
    "memory": Word("service", _memory),
    "restarts": Word("service", _restarts),
    "open-files": Word("service", _files),
    "disk": Word("stack", _disk),
    "node-cpu": Word("stack", _node_cpu),
    "node-memory": Word("stack", _node_memory),
    "database-connections": _store("postgres", _connections),
    "database-down": _store("postgres", _away("pg_up")),
    "replication-lag": _store("postgres", lambda labels: gauge("pg_replication_lag_seconds", labels)),
    "redis-down": _store("redis", _away("redis_up")),
    "redis-memory": _store("redis", _redis_memory),
    "redis-hit-rate": _store("redis", redis_hits),
    "kafka-lag": _store("kafka", lambda labels: gauge("kafka_consumergroup_lag", labels, "sum({})")),
    "kafka-under-replicated": _store(
        "kafka", lambda labels: gauge("kafka_topic_partition_under_replicated_partition", labels, "sum({})")
    ),
    "search-health": _store("search", _search),
    "failed-releases": Word("stack", _releases),
    "certificate-days": Word("stack", _certificates),
    "budget-left": Word("hub", _budget),
    "provider-errors": Word(
        "hub",
        lambda where, name: rate(picked("fairlead_hub_provider_errors_total", where.labels(service=name))),
    ),
}  # fmt: skip
"""By word; those of `fairlead.stack.metric_words`."""
