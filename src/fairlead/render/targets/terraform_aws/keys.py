"""The key that everything at rest is encrypted with: always one of the stack's own, rotated."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.parts.hcl import Block, Raw, data, json_of, resource

ROTATED_DAYS = {True: 90, False: 365}
"""With `security.key_service`, and without."""


def of(site: Site) -> Iterator[Block]:
    """One for each region; a second one where copies go to."""
    yield data("aws_caller_identity", "me")
    yield data("aws_partition", "here")
    yield from _key(site, "main", site.region, None)
    if site.elsewhere:
        yield from _key(site, "elsewhere", site.elsewhere, Raw("aws.elsewhere"))


def _key(site: Site, name: str, region: str, provider: Raw | None) -> Iterator[Block]:
    yield resource(
        "aws_kms_key",
        name,
        {
            "provider": provider,
            "description": f"Data at rest of {site.name}",
            "enable_key_rotation": True,
            "rotation_period_in_days": ROTATED_DAYS[site.stack.security.key_service],
            "deletion_window_in_days": 30,
            "policy": _policy(region),
        },
    )
    yield resource(
        "aws_kms_alias",
        name,
        {"provider": provider, "name": f"alias/{site.name}-{name}", "target_key_id": Raw(f"aws_kms_key.{name}.key_id")},
    )


def _policy(region: str) -> Raw:
    """The account decides by IAM; logs and alarms of AWS itself may use it."""
    root = Raw('"arn:${data.aws_partition.here.partition}:iam::${data.aws_caller_identity.me.account_id}:root"')
    services = [f"logs.{region}.amazonaws.com", "cloudwatch.amazonaws.com", "budgets.amazonaws.com"]
    account = {"StringEquals": {"aws:SourceAccount": Raw("data.aws_caller_identity.me.account_id")}}
    use = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    every = {"Sid": "Account", "Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": root}}
    logs = {"Sid": "Logs", "Effect": "Allow", "Action": use, "Resource": "*", "Principal": {"Service": services[:1]}}
    told = {"Sid": "Told", "Effect": "Allow", "Action": use, "Resource": "*", "Principal": {"Service": services[1:]}}
    return json_of({"Version": "2012-10-17", "Statement": [every, logs, {**told, "Condition": account}]})
