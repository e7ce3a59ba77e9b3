"""Postgres by Cloud SQL: private, in two zones, with the log of changes, replicas that read, and pooling."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import GIB, Site, days, gib, snake
from fairlead.render.clouds.variables import password
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.parts.surroundings import text
from fairlead.render.targets.terraform_gcp.keys import KEY, MAY
from fairlead.render.targets.terraform_gcp.network import NETWORK
from fairlead.stack.model.store import Pooling, Store

USUAL_VERSION = "16"
USUAL_GIB = 20
MOST_LOG_DAYS = 7
DISKS = {"ssd": "PD_SSD", "hdd": "PD_HDD"}
FLAGS = {
    "cloudsql.enable_pgaudit": "on",
    "log_checkpoints": "on",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_duration": "on",
    "log_hostname": "on",
    "log_lock_waits": "on",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "error",
    "log_min_messages": "warning",
    "log_statement": "ddl",
    "log_temp_files": "0",
    "pgaudit.log": "'ddl,role'",
}
"""What the CIS benchmark of Google Cloud asks of Postgres (section 6.2)."""

POOLED = "db-perf-optimized-N-2"
"""The smallest of Enterprise Plus, which alone has managed pooling."""


def of(site: Site) -> Iterator[Block]:
    """Each database; in a further region, one that reads from the first."""
    for name, store in site.stores("postgres"):
        key = snake(name)
        if not site.is_first:
            yield _server(site, name, store, key, f"{site.name}-{name}-{site.region}", Raw(f'var.writers["{name}"]'))
            continue
        yield _server(site, name, store, key, f"{site.name}-{name}", None)
        database = store.database.replace("-", "_")
        instance = Raw(f"google_sql_database_instance.{key}.name")
        yield resource("google_sql_database", key, {"name": database, "instance": instance})
        yield resource(
            "google_sql_user",
            key,
            {
                "name": database,
                "instance": instance,
                "password_wo": Raw(password(name)),
                "password_wo_version": Raw("var.passwords_version"),
            },
        )
        for number in range(store.read_replicas):
            title = f"{site.name}-{name}-reader-{number}"
            yield _server(site, name, store, f"{key}_reader_{number}", title, instance)


def _server(site: Site, name: str, store: Store, key: str, title: str, writer: Raw | None) -> Block:
    told = {**FLAGS, **{option: text(value) for option, value in store.settings.items()}}
    settings = {
        "tier": POOLED if store.pooling else tier(store),
        "edition": "ENTERPRISE_PLUS" if store.pooling else "ENTERPRISE",
        "availability_type": "REGIONAL" if writer is None and _several(store) else "ZONAL",
        "disk_type": DISKS[store.storage],
        "disk_size": max(10, gib(store, USUAL_GIB)),
        "disk_autoresize": True,
        "user_labels": {"store": name},
        "ip_configuration": Inner({"ipv4_enabled": False, "private_network": NETWORK, "ssl_mode": "ENCRYPTED_ONLY"}),
        "database_flags": [Inner({"name": option, "value": value}) for option, value in told.items()],
        "insights_config": Inner({"query_insights_enabled": True}),
        "backup_configuration": _backups(site, store) if writer is None else None,
        "connection_pool_config": _pool(store.pooling) if store.pooling and writer is None else None,
    }
    return resource(
        "google_sql_database_instance",
        key,
        {
            "name": title,
            "region": site.region,
            "database_version": f"POSTGRES_{(store.version or USUAL_VERSION).partition('.')[0]}",
            "master_instance_name": writer,
            "encryption_key_name": KEY,
            "deletion_protection": True,
            "settings": Inner(settings),
            "depends_on": [*MAY, Raw("google_service_networking_connection.stores")],
        },
        notes=["checkov:skip=CKV2_GCP_20:that is of MySQL",
               "checkov:skip=CKV_GCP_6:ENCRYPTED_ONLY refuses what is not encrypted",
               "checkov:skip=CKV_GCP_79:the stack file says the version", *([] if writer is None else
               ["checkov:skip=CKV_GCP_14:a server that only reads is made anew from the one that writes"])],
    )  # fmt: skip


def tier(store: Store) -> str:
    """Processors and MiB of memory, as Cloud SQL's own kind of machine says them."""
    cores = max(2, 2 * -(-int((store.resources.cpu.request or 1) + 1) // 2))
    memory = max(cores * 3840, -(-(store.resources.memory.request or 0) * 1024 // GIB))
    return f"db-custom-{cores}-{-(-memory // 256) * 256}"


def _several(store: Store) -> bool:
    return store.replicas > 1 or store.read_replicas > 0


def _backups(site: Site, store: Store) -> Inner:
    policy = site.policy(store)
    keep = days(policy.keep, most=365) if policy else 7
    return Inner(
        {
            "enabled": True,
            "start_time": "02:30",
            "location": site.elsewhere,
            "point_in_time_recovery_enabled": policy is None or policy.point_in_time,
            "transaction_log_retention_days": min(MOST_LOG_DAYS, keep),
            "backup_retention_settings": Inner({"retained_backups": keep}),
        }
    )


def _pool(pooling: Pooling) -> Inner:
    flags = {"pool_mode": pooling.mode, "max_pool_size": str(pooling.size)}
    told = [Inner({"name": name, "value": value}) for name, value in flags.items()]
    return Inner({"connection_pooling_enabled": True, "flags": told})
