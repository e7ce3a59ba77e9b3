"""Buckets: of stores, and those that backups are put into. Versioned, closed, encrypted, copied where it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.render.clouds.site import Site, days, snake
from fairlead.render.parts.hcl import Block, Inner, Raw, json_of, resource, template
from fairlead.render.targets.terraform_aws.network import trust

OLDER_DAYS = 90
"""How long older versions of objects are kept."""

NOBODY_ASKS = "checkov:skip=CKV2_AWS_62:nobody asks to be told of each object"
NOT_LOGGED = "checkov:skip=CKV_AWS_18:CloudTrail tells who asked for data, without a second bucket"
NOT_COPIED = "checkov:skip=CKV_AWS_144:the stack file names no second region for it"


@dataclass(frozen=True, slots=True)
class _Bucket:
    key: str
    name: str
    versioned: bool
    expires_days: dict[str, int]
    """By what names begin with."""

    elsewhere: bool


def of(site: Site) -> Iterator[Block]:
    """What each has is a resource of its own in this provider."""
    found = list(_buckets(site))
    for bucket in found:
        yield from _bucket(bucket, None)
        if bucket.elsewhere:
            yield from _bucket(bucket, Raw("aws.elsewhere"))
            yield _copies(bucket)
    if any(bucket.elsewhere for bucket in found):
        yield from _copier(site, [bucket for bucket in found if bucket.elsewhere])


def _buckets(site: Site) -> Iterator[_Bucket]:
    there = site.elsewhere is not None and site.is_first
    for name, store in site.stores("objects"):
        expires = {"": days(store.expire)} if store.expire is not None else {}
        bucket = f"{site.name}-{site.region}-{name}"[:58]
        yield _Bucket(snake(name), bucket, store.versioning or there, expires, there)
    if site.is_first:
        for name, keep in site.backup_buckets().items():
            kept = {prefix: days(span) for prefix, span in keep.items()}
            yield _Bucket(f"backup_{snake(name)}", name, True, kept, there)


def _bucket(bucket: _Bucket, provider: Raw | None) -> Iterator[Block]:
    key = bucket.key + ("_elsewhere" if provider else "")
    here = {"provider": provider, "bucket": Raw(f"aws_s3_bucket.{key}.id")}
    notes = [NOBODY_ASKS, NOT_LOGGED, *([] if bucket.elsewhere and not provider else [NOT_COPIED])]
    if not bucket.versioned:
        notes.append("checkov:skip=CKV_AWS_21:the stack file says that older versions are not kept (versioning)")
    name = bucket.name + ("-elsewhere" if provider else "")
    yield resource("aws_s3_bucket", key, {"provider": provider, "bucket": name}, notes=notes)
    closed = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    yield resource("aws_s3_bucket_public_access_block", key, {**here, **dict.fromkeys(closed, True)})
    secret = {
        "sse_algorithm": "aws:kms",
        "kms_master_key_id": Raw(f"aws_kms_key.{'elsewhere' if provider else 'main'}.arn"),
    }
    rule = Inner({"bucket_key_enabled": True, "apply_server_side_encryption_by_default": Inner(secret)})
    yield resource("aws_s3_bucket_server_side_encryption_configuration", key, {**here, "rule": rule})
    status = Inner({"status": "Enabled" if bucket.versioned else "Suspended"})
    yield resource("aws_s3_bucket_versioning", key, {**here, "versioning_configuration": status})
    yield _lifecycle(bucket, key, here)
    yield _policy(key, here)


def _lifecycle(bucket: _Bucket, key: str, here: dict[str, Raw | None]) -> Block:
    tidy = {
        "id": "tidy",
        "status": "Enabled",
        "filter": Inner(),
        "abort_incomplete_multipart_upload": Inner({"days_after_initiation": 7}),
        "noncurrent_version_expiration": Inner({"noncurrent_days": OLDER_DAYS}),
    }
    expires = [
        Inner(
            {
                "id": f"expire-{prefix}".rstrip("-"),
                "status": "Enabled",
                "filter": Inner({"prefix": f"{prefix}/"} if prefix else {}),
                "expiration": Inner({"days": after}),
            }
        )
        for prefix, after in bucket.expires_days.items()
    ]
    rules = [Inner(tidy), *expires]
    return resource("aws_s3_bucket_lifecycle_configuration", key, {**here, "rule": rules})


def _policy(key: str, here: dict[str, Raw | None]) -> Block:
    """Nobody comes without TLS."""
    statement = {
        "Sid": "OnlyByTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [Raw(f"aws_s3_bucket.{key}.arn"), template(f"${{aws_s3_bucket.{key}.arn}}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return resource(
        "aws_s3_bucket_policy", key, {**here, "policy": json_of({"Version": "2012-10-17", "Statement": [statement]})}
    )


def _copies(bucket: _Bucket) -> Block:
    there = {
        "bucket": Raw(f"aws_s3_bucket.{bucket.key}_elsewhere.arn"),
        "storage_class": "STANDARD_IA",
        "encryption_configuration": Inner({"replica_kms_key_id": Raw("aws_kms_key.elsewhere.arn")}),
    }
    rule = {
        "id": "elsewhere",
        "status": "Enabled",
        "filter": Inner(),
        "delete_marker_replication": Inner({"status": "Disabled"}),
        "source_selection_criteria": Inner({"sse_kms_encrypted_objects": Inner({"status": "Enabled"})}),
        "destination": Inner(there),
    }
    versioned = [Raw(f"aws_s3_bucket_versioning.{bucket.key}"), Raw(f"aws_s3_bucket_versioning.{bucket.key}_elsewhere")]
    return resource(
        "aws_s3_bucket_replication_configuration",
        bucket.key,
        {
            "bucket": Raw(f"aws_s3_bucket.{bucket.key}.id"),
            "role": Raw("aws_iam_role.copier.arn"),
            "rule": Inner(rule),
            "depends_on": versioned,
        },
    )


def _copier(site: Site, found: list[_Bucket]) -> Iterator[Block]:
    yield resource(
        "aws_iam_role",
        "copier",
        {"name": f"{site.name}-{site.region}-copier", "assume_role_policy": trust("s3.amazonaws.com")},
    )
    sources = [Raw(f"aws_s3_bucket.{bucket.key}.arn") for bucket in found]
    objects = [template(f"${{aws_s3_bucket.{bucket.key}.arn}}/*") for bucket in found]
    copies = [template(f"${{aws_s3_bucket.{bucket.key}_elsewhere.arn}}/*") for bucket in found]
    read = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    write = ["s3:ReplicateObject", "s3:ReplicateTags"]
    listing = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    keys = [Raw("aws_kms_key.main.arn"), Raw("aws_kms_key.elsewhere.arn")]
    statements = [
        {"Effect": "Allow", "Action": listing, "Resource": sources},
        {"Effect": "Allow", "Action": read, "Resource": objects},
        {"Effect": "Allow", "Action": write, "Resource": copies},
        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], "Resource": keys},
    ]
    policy = json_of({"Version": "2012-10-17", "Statement": statements})
    yield resource("aws_iam_role_policy", "copier", {"role": Raw("aws_iam_role.copier.id"), "policy": policy})
