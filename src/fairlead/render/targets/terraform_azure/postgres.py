"""Postgres by the flexible server: private, over two zones, with replicas that read and PgBouncer in front."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import GIB, Site, days, gib, snake
from fairlead.render.clouds.variables import password
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.parts.surroundings import text
from fairlead.render.targets.terraform_azure.keys import KEEPER
from fairlead.render.targets.terraform_azure.network import private_zone
from fairlead.render.targets.terraform_azure.settings import placed
from fairlead.stack.model.store import Store

USUAL_VERSION = "16"
USUAL_GIB = 32
SIZES = ((2, 8), (4, 16), (8, 32), (16, 64), (32, 128), (48, 192), (64, 256))
"""Processors and GiB of memory of the Ddsv5 family."""

SUBNET = "checkov:skip=CKV2_AZURE_57:it is in a subnet of its own, which is as private as an endpoint"

STEPS = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
"""GiB that a disk may have."""


def of(site: Site) -> Iterator[Block]:
    """Each database; in a further region, one that reads from the first."""
    stores = list(site.stores("postgres"))
    if stores:
        yield from private_zone(site, "postgres", f"{site.name}.postgres.database.azure.com")
    for name, store in stores:
        key = snake(name)
        if not site.is_first:
            yield _server(site, name, store, key, f"{site.name}-{name}-{site.region}", Raw(f'var.writers["{name}"]'))
            continue
        yield _server(site, name, store, key, f"{site.name}-{name}", None)
        server = Raw(f"azurerm_postgresql_flexible_server.{key}.id")
        database = {"name": store.database.replace("-", "_"), "server_id": server, "charset": "UTF8"}
        yield resource("azurerm_postgresql_flexible_server_database", key, database)
        for option, value in _told(store).items():
            body = {"server_id": server, "name": option, "value": value}
            yield resource("azurerm_postgresql_flexible_server_configuration", snake(f"{name}-{option}"), body)
        for number in range(store.read_replicas):
            title = f"{site.name}-{name}-reader-{number}"
            yield _server(site, name, store, f"{key}_reader_{number}", title, server)


def _told(store: Store) -> dict[str, str]:
    told = {"require_secure_transport": "ON", "log_checkpoints": "ON", "log_connections": "ON"}
    if store.pooling:
        told |= {
            "pgbouncer.enabled": "ON",
            "pgbouncer.pool_mode": store.pooling.mode.upper(),
            "pgbouncer.default_pool_size": str(store.pooling.size),
        }
    return told | {key: text(value) for key, value in store.settings.items()}


def _server(site: Site, name: str, store: Store, key: str, title: str, writer: Raw | None) -> Block:
    policy = site.policy(store)
    several = store.replicas > 1 or store.read_replicas > 0
    far = site.elsewhere is not None and writer is None
    login = {
        "administrator_login": store.database.replace("-", "_"),
        "administrator_password_wo": Raw(password(name)),
        "administrator_password_wo_version": Raw("var.passwords_version"),
    }
    waits = [Raw("azurerm_private_dns_zone_virtual_network_link.postgres"), Raw("azurerm_role_assignment.keeper")]
    own = Inner({"key_vault_key_id": Raw("azurerm_key_vault_key.main.id"), "primary_user_assigned_identity_id": KEEPER})
    return resource(
        "azurerm_postgresql_flexible_server",
        key,
        {
            **placed(site, title),
            "version": (store.version or USUAL_VERSION).partition(".")[0],
            "create_mode": "Replica" if writer else None,
            "source_server_id": writer,
            **({} if writer else login),
            "sku_name": _machine(store, several),
            "storage_mb": next((step for step in STEPS if step >= gib(store, USUAL_GIB)), STEPS[-1]) * 1024,
            "auto_grow_enabled": True,
            "backup_retention_days": days(policy.keep, least=7, most=35) if policy else 7,
            "geo_redundant_backup_enabled": far,
            "public_network_access_enabled": False,
            "delegated_subnet_id": Raw("azurerm_subnet.postgres.id"),
            "private_dns_zone_id": Raw("azurerm_private_dns_zone.postgres.id"),
            "zone": "1",
            "depends_on": waits,
            "identity": Inner({"type": "UserAssigned", "identity_ids": [KEEPER]}),
            # a copy in the paired region would need a vault there: the platform's key is used for it
            "customer_managed_key": None if far else own,
            "high_availability": Inner({"mode": "ZoneRedundant", "standby_availability_zone": "2"})
            if several and not writer
            else None,
            "lifecycle": Inner({"ignore_changes": [Raw("zone")]}),
        },
        notes=[SUBNET] if far else [SUBNET, "checkov:skip=CKV_AZURE_136:the stack file names no second region for it"],
    )


def _machine(store: Store, several: bool) -> str:
    cores = store.resources.cpu.request or 0
    memory = (store.resources.memory.request or 0) / GIB
    if not several and not store.pooling and cores <= 2 and memory <= 4:
        return "B_Standard_B2s"
    fitting = [size for size, has in SIZES if size >= cores and has >= memory]
    return f"GP_Standard_D{fitting[0] if fitting else SIZES[-1][0]}ds_v5"
