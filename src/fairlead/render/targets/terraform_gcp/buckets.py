"""Buckets: of stores, and those that backups are put into."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, days, snake
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_gcp.identity import member
from fairlead.render.targets.terraform_gcp.keys import KEY, MAY

OLDER_DAYS = 90
CONTINENTS = {"europe": "EU", "us": "US", "asia": "ASIA"}


def of(site: Site) -> Iterator[Block]:
    """With who may read and write them."""
    for name, store in site.stores("objects"):
        expires = {"": days(store.expire)} if store.expire is not None else {}
        yield _bucket(site, snake(name), f"{site.name}-{site.region}-{name}"[:63], store.versioning, expires)
        yield from (_may(site, snake(name), service, service) for service in site.needing(name))
    if not site.is_first:
        return
    for name, keep in site.backup_buckets().items():
        key = f"backup_{snake(name)}"
        yield _bucket(site, key, name, True, {prefix: days(span) for prefix, span in keep.items()})
        if site.stack.cluster_backup:
            yield _may(site, key, "velero", "velero", namespace="velero")
        for store_name, store in site.stack.stores.items():
            if store.kind == "postgres" and not store.managed:
                yield _may(site, key, f"save-{store_name}", store_name)


def _bucket(site: Site, key: str, name: str, versioned: bool, expires: dict[str, int]) -> Block:
    continent, both = _places(site)
    rules = [_rule("Delete", {"days_since_noncurrent_time": OLDER_DAYS, "with_state": "ARCHIVED"}),
             _rule("AbortIncompleteMultipartUpload", {"age": 7})]  # fmt: skip
    for prefix, after in expires.items():
        rules.append(_rule("Delete", {"age": after, **({"matches_prefix": [f"{prefix}/"]} if prefix else {})}))
    return resource(
        "google_storage_bucket",
        key,
        {
            "name": name,
            "location": continent or site.region,
            "uniform_bucket_level_access": True,
            "public_access_prevention": "enforced",
            "depends_on": MAY,
            "custom_placement_config": Inner({"data_locations": both}) if continent else None,
            "versioning": Inner({"enabled": versioned}),
            "lifecycle_rule": rules,
            # a key of one region can't encrypt what is in two
            "encryption": None if continent else Inner({"default_kms_key_name": KEY}),
        },
        notes=[
            "checkov:skip=CKV_GCP_62:the audit log tells who asked for data, without a second bucket",
            *([] if versioned else ["checkov:skip=CKV_GCP_78:the stack file keeps no older versions (versioning)"]),
        ],
    )


def _places(site: Site) -> tuple[str | None, list[str]]:
    """The continent of a bucket that is in two regions, and both of them."""
    here, there = site.region.partition("-")[0], (site.elsewhere or "").partition("-")[0]
    continent = CONTINENTS.get(here) if here == there and site.is_first else None
    return continent, [site.region.upper(), (site.elsewhere or "").upper()]


def is_copied(site: Site) -> bool:
    """Whether buckets are in two regions."""
    return _places(site)[0] is not None


def _rule(action: str, condition: dict[str, object]) -> Inner:
    return Inner({"action": Inner({"type": action}), "condition": Inner(condition)})


def _may(site: Site, bucket: str, who: str, account: str, namespace: str | None = None) -> Block:
    return resource(
        "google_storage_bucket_iam_member",
        snake(f"{bucket}-{who}"),
        {
            "bucket": Raw(f"google_storage_bucket.{bucket}.name"),
            "role": "roles/storage.objectUser",
            "member": member(namespace or site.namespace, account),
        },
    )
