"""Stores: each key fits the kind of store, and what is promised about its data can be kept."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.kit.quantity import format_duration
from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.model import Stack
from fairlead.stack.model.store import Backup, Store

_ONLY = {
    "database": {"postgres"},
    "pooling": {"postgres"},
    "read_replicas": {"postgres", "redis"},
    "topics": {"kafka"},
    "versioning": {"objects"},
    "expire": {"objects", "kafka"},
}
"""Keys that only some kinds of store have."""

_SCHEMES = {
    "postgres": ("postgres", "postgresql"),
    "redis": ("redis", "rediss", "unix"),
    "kafka": ("kafka", "kafka+ssl"),
    "elasticsearch": ("http", "https"),
    "opensearch": ("http", "https"),
    "objects": ("s3", "gs", "az", "http", "https"),
}

_OWN = ("version", "size", "managed", "settings", "replicas", "read_replicas", "pooling", "resources")
"""Keys that say how a server is run, and say nothing when somebody else runs it."""

_BACKUP_SCHEMES = ("s3", "gs", "az", "file", "https")


@rule
def keys_fit_the_kind(stack: Stack) -> Iterator[Finding]:
    """A key that a kind of store does not have is a mistake, not a comment."""
    for name, store in stack.stores.items():
        for key, kinds in _ONLY.items():
            if key in store.model_fields_set and store.kind not in kinds:
                allowed = " and ".join(f"`{kind}`" for kind in sorted(kinds))
                yield Finding(("stores", name, key), f"is for {allowed}, this is `{store.kind}`", "take it out")
        if store.backup is not None and store.backup.point_in_time and store.kind != "postgres":
            path = ("stores", name, "backup", "point_in_time")
            yield Finding(path, f"is for `postgres`, this is `{store.kind}`", "take it out")


@rule
def external_stores_are_elsewhere(stack: Stack) -> Iterator[Finding]:
    """An external store has one URL, of a fitting kind, and is not run here as well."""
    for name, store in stack.stores.items():
        here = ("stores", name)
        if store.external is not None and store.external_secret is not None:
            yield Finding((*here, "external_secret"), "should not stand beside `external`", "keep one of them")
        if store.external is not None:
            yield from _url((*here, "external"), store.external, _SCHEMES[store.kind])
        if store.external is not None or store.external_secret is not None:
            for key in _OWN:
                if key in store.model_fields_set:
                    yield Finding((*here, key), "is for a store that is run here, this one is external", "take it out")


def _url(path: KeyPath, url: str, schemes: tuple[str, ...]) -> Iterator[Finding]:
    scheme, found, rest = url.partition("://")
    if not found or not rest or scheme not in schemes:
        wanted = " or ".join(f"`{each}://…`" for each in schemes)
        yield Finding(path, f"should be a URL: {wanted}", "look at its beginning")


@rule
def backups_have_times(stack: Stack) -> Iterator[Finding]:
    """A backup policy says when, once, and keeps more than the latest one."""
    for here, backup in backups(stack):
        if (backup.every is None) == (backup.at is None):
            found = "both" if backup.every is not None else "neither"
            yield Finding(here, f"should have one of `every` and `at`, got {found}", "such as `every: 1h`")
        if backup.every is not None and backup.keep < backup.every:
            message = f"should be at least every ({format_duration(backup.every)}), got {format_duration(backup.keep)}"
            yield Finding((*here, "keep"), message, "else there are times with no backup at all")
        if backup.where is not None and "://" in backup.where:
            yield from _url((*here, "where"), backup.where, _BACKUP_SCHEMES)
        if backup.region is not None and "://" not in (backup.where or ""):
            message = "needs `where` to be object storage"
            yield Finding((*here, "region"), message, "such as `where: s3://bucket/prefix`")


def backups(stack: Stack) -> Iterator[tuple[KeyPath, Backup]]:
    """Every backup policy of the stack."""
    if stack.backup is not None:
        yield ("backup",), stack.backup
    if stack.cluster_backup is not None:
        yield ("cluster_backup",), stack.cluster_backup
    for name, store in stack.stores.items():
        if store.backup is not None:
            yield ("stores", name, "backup"), store.backup


@rule
def promises_can_be_kept(stack: Stack) -> Iterator[Finding]:
    """No more may be lost than what comes together between two backups."""
    for name, store in stack.stores.items():
        backup = store.backup or stack.backup
        rpo = store.recovery.rpo if store.recovery.rpo is not None else stack.recovery.rpo
        where = ("stores", name, "recovery", "rpo") if store.recovery.rpo is not None else ("recovery", "rpo")
        if store.recovery.rpo is not None and backup is None:
            yield Finding(where, "can't be kept: there is no backup", "add `backup`")
        if backup is None or rpo is None or backup.every is None or backup.point_in_time or rpo >= backup.every:
            continue
        message = f"should be at least the time between backups of `{name}` ({format_duration(backup.every)})"
        yield Finding(where, f"{message}, got {format_duration(rpo)}", _more_often(store))


def _more_often(store: Store) -> str:
    return "back it up more often" + (
        ", or set `point_in_time`" if store.kind == "postgres" else ", or give it its own `rpo`"
    )


@rule
def failover_is_elsewhere(stack: Stack) -> Iterator[Finding]:
    """The region that takes over is another one."""
    if stack.cloud is None:
        return
    if stack.recovery.failover_region == stack.cloud.region:
        message = f"should be another region than `cloud.region` ({stack.cloud.region})"
        yield Finding(("recovery", "failover_region"), message, "name the one that takes over")
    for n, region in enumerate(stack.cloud.regions):
        if region == stack.cloud.region:
            yield Finding(("cloud", "regions", n), f"`{region}` is `cloud.region` already", "keep further regions only")
