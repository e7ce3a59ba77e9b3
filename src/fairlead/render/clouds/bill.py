"""What a month of a site costs by the table of prices: at the least machines, and at the most."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fairlead.render.clouds.site import GIB, Site, gib
from fairlead.stack.model.store import Store

HOURS = 730
"""Of a month, as the vendors count."""

USUAL_DISK_GIB = 50
USUAL_STORE_GIB = 20
VERIFIED = "verified"
FREE_STORES = {"objects"}
KINDS = {"elasticsearch": "search", "opensearch": "search"}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on the bill, US dollars a month. `most` is with every machine that there may be."""

    what: str
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Something without a price in the table."""

    what: str


@cache
def prices() -> Any:
    """The table; it is part of the program."""
    return tomllib.loads((files("fairlead.render.clouds") / "prices.toml").read_text())


def unverified(provider: str) -> list[str]:
    """The keys of a provider's table whose figures nobody has compared with a source."""
    table = prices()[provider]
    figures = [key for key, value in table.items() if isinstance(value, int | float)]
    figures += [
        f"{key}.{one}" for key, inner in table.items() if isinstance(inner, dict) and key != VERIFIED for one in inner
    ]
    return [key for key in figures if key not in table[VERIFIED]]


def lines(site: Site) -> Iterator[Line | Unpriced]:
    """The bill of one region."""
    table = prices()[site.cloud.provider]
    yield _same("Cluster", table["cluster_hour"] * HOURS)
    yield from _machines(site, table)
    if site.stack.security.private_nodes:
        ways = ways_out(site)
        yield _same(f"Ways out of the network ({ways})", ways * table["nat_hour"] * HOURS)
    yield _same("Load balancer", table["balancer_hour"] * HOURS)
    for name, store in site.stack.stores.items():
        yield from _store(site, name, store, table)
    small = table["key_month"] + table["secret_month"] * len([*site.stack.secrets, *site.stack.stores])
    if site.is_first:
        small += (table["zone_month"] if site.cloud.domain else 0) + (table["firewall_month"] if site.cloud.waf else 0)
    yield _same("Keys, secrets, names, firewall", small)


def ways_out(site: Site) -> int:
    """One for each zone, so that the loss of one zone is not that of all; one where machines are fewer than zones."""
    machines = sum(group.min for group in site.cloud.nodes.values())
    return site.cloud.zones if machines >= site.cloud.zones else 1


def _machines(site: Site, table: Any) -> Iterator[Line | Unpriced]:
    for name, group in site.cloud.nodes.items():
        hour = table["machine_hour"].get(group.machine)
        if hour is None:
            yield Unpriced(f"machines of {name} ({group.machine})")
            continue
        disk = -(-group.disk // GIB) if group.disk else USUAL_DISK_GIB
        each = hour * HOURS * (table["spot"] if group.spot else 1) + disk * table["disk_gib_month"]["ssd"]
        most = max(group.min, group.max)
        kind = f"{group.machine}{', spot' if group.spot else ''}"
        yield Line(f"{name}: {group.min} to {most} {kind}", group.min * each, most * each)


def _store(site: Site, name: str, store: Store, table: Any) -> Iterator[Line | Unpriced]:
    if store.external or store.external_secret or store.kind in FREE_STORES:
        return
    servers = store.replicas + store.read_replicas
    kind = KINDS.get(store.kind, store.kind)
    disk = gib(store, USUAL_STORE_GIB) * servers
    if not store.managed:
        yield _same(f"{name}: disks in the cluster, {disk} GiB", disk * table["disk_gib_month"][store.storage])
        return
    hour = table["store_hour"].get(kind)
    if not hour:
        yield Unpriced(f"{name} ({store.kind}), which this cloud does not run")
        return
    if store.kind == "postgres" and store.replicas > 1:
        servers = 2 + store.read_replicas  # a standby in a second zone
        disk = gib(store, USUAL_STORE_GIB) * servers
    if store.resources.cpu.request or store.resources.memory.request:
        yield Unpriced(f"{name}: a machine larger than the smallest (`resources`)")
    yield _same(f"{name}: {servers} managed", servers * hour * HOURS + disk * table["store_gib_month"][kind])
    if site.policy(store) and kind != "kafka":
        yield _same(f"{name}: backups", gib(store, USUAL_STORE_GIB) * table["backup_gib_month"])


def _same(what: str, amount: float) -> Line:
    return Line(what, amount, amount)
