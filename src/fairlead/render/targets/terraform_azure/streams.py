"""Redis by Azure Cache and Kafka by Event Hubs, by private endpoints only."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import GIB, Site, days, snake
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_azure.network import endpoint, private_zone, zones
from fairlead.render.targets.terraform_azure.settings import placed, unique
from fairlead.stack.model.store import Store

CACHES = ((1, 1), (2, 2.5), (3, 6), (4, 13), (5, 26), (6, 53))
"""Size and GiB of the C family (https://azure.microsoft.com/pricing/details/cache/)."""

PARTITIONS = 6
MOST_UNITS = 40
MOST_DAYS = 7


def of(site: Site) -> Iterator[Block]:
    """With names inside of the network."""
    if site.has("redis"):
        yield from private_zone(site, "redis_names", "privatelink.redis.cache.windows.net")
    for name, store in site.stores("redis"):
        yield _redis(site, name, store)
        what = f"azurerm_redis_cache.{snake(name)}.id"
        yield endpoint(site, snake(name), what, "redisCache", "redis_names")
    if site.has("kafka"):
        yield from private_zone(site, "kafka_names", "privatelink.servicebus.windows.net")
    for name, store in site.stores("kafka"):
        yield from _kafka(site, name, store)
        what = f"azurerm_eventhub_namespace.{snake(name)}.id"
        yield endpoint(site, snake(name), what, "namespace", "kafka_names")


def _redis(site: Site, name: str, store: Store) -> Block:
    several = store.replicas + store.read_replicas > 1
    wanted = (store.resources.memory.request or 0) / GIB
    size = next((size for size, has in CACHES if has >= wanted), CACHES[-1][0])
    told = {key.replace("-", "_"): value for key, value in store.settings.items() if key in _KNOWN}
    return resource(
        "azurerm_redis_cache",
        snake(name),
        {
            **placed(site, f"{site.name}-{name}"),
            "sku_name": "Standard" if several else "Basic",
            "family": "C",
            "capacity": size,
            "redis_version": "6",
            "minimum_tls_version": "1.2",
            "non_ssl_port_enabled": False,
            "public_network_access_enabled": False,
            "redis_configuration": Inner(told) if told else None,
        },
        notes=["checkov:skip=CKV_AZURE_230:the smallest kinds have one server and its copy"],
    )


_KNOWN = {"maxmemory-policy", "notify-keyspace-events"}


def _kafka(site: Site, name: str, store: Store) -> Iterator[Block]:
    key = snake(name)
    yield resource(
        "azurerm_eventhub_namespace",
        key,
        {
            **placed(site, unique(site, name, 50)),
            "sku": "Standard",
            "capacity": min(MOST_UNITS, store.replicas),
            "auto_inflate_enabled": True,
            "maximum_throughput_units": min(MOST_UNITS, store.replicas * 4),
            "local_authentication_enabled": False,
            "minimum_tls_version": "1.2",
            "public_network_access_enabled": False,
        },
        notes=["checkov:skip=CKV_AZURE_228:every region with zones spreads it by itself"] if zones(site) else [],
    )
    for topic in store.topics:
        body = {
            "name": topic,
            "namespace_id": Raw(f"azurerm_eventhub_namespace.{key}.id"),
            "partition_count": PARTITIONS,
            "message_retention": days(store.expire, most=MOST_DAYS) if store.expire is not None else MOST_DAYS,
        }
        yield resource("azurerm_eventhub", snake(f"{name}-{topic}"), body)
