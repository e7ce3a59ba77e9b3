"""Copies beside those that stores keep themselves: by AWS Backup, in a vault of this region and in one of another."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, days, snake
from fairlead.render.cluster.backups import cron
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_aws.network import KEY, trust
from fairlead.stack.model.store import Backup

ROLE = "arn:aws:iam::aws:policy/service-role/"
LONGEST_LOG_DAYS = 35


def of(site: Site) -> Iterator[Block]:
    """Of databases and of the disks of the cluster; Redis and Kafka have snapshots of their own."""
    plans = {name: policy for name, store in site.stores("postgres") if (policy := site.policy(store))}
    if not plans or not site.is_first:
        return
    yield resource("aws_backup_vault", "main", {"name": site.name, "kms_key_arn": KEY})
    if site.elsewhere:
        there = {"provider": Raw("aws.elsewhere"), "name": f"{site.name}-elsewhere"}
        yield resource("aws_backup_vault", "elsewhere", {**there, "kms_key_arn": Raw("aws_kms_key.elsewhere.arn")})
    role = {"name": f"{site.name}-{site.region}-backup", "assume_role_policy": trust("backup.amazonaws.com")}
    yield resource("aws_iam_role", "backup", role)
    for allowed in ("AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"):
        attached = {"role": Raw("aws_iam_role.backup.name"), "policy_arn": ROLE + allowed}
        yield resource("aws_iam_role_policy_attachment", snake(allowed), attached)
    for name, plan in plans.items():
        yield _plan(site, name, plan)
        yield resource(
            "aws_backup_selection",
            snake(name),
            {
                "name": name,
                "plan_id": Raw(f"aws_backup_plan.{snake(name)}.id"),
                "iam_role_arn": Raw("aws_iam_role.backup.arn"),
                "resources": [Raw(f"aws_db_instance.{snake(name)}.arn")],
            },
        )


def _plan(site: Site, name: str, policy: Backup) -> Block:
    kept = Inner({"delete_after": days(policy.keep)})
    copy = Inner({"destination_vault_arn": Raw("aws_backup_vault.elsewhere.arn"), "lifecycle": kept})
    snapshots = {
        "rule_name": "snapshots",
        "target_vault_name": Raw("aws_backup_vault.main.name"),
        "schedule": schedule(policy),
        "lifecycle": kept,
        "copy_action": copy if site.elsewhere else None,
    }
    log = {
        "rule_name": "any-moment",
        "target_vault_name": Raw("aws_backup_vault.main.name"),
        "enable_continuous_backup": True,
        "lifecycle": Inner({"delete_after": days(policy.keep, most=LONGEST_LOG_DAYS)}),
    }
    rules = [Inner(snapshots), *([Inner(log)] if policy.point_in_time else [])]
    return resource("aws_backup_plan", snake(name), {"name": f"{site.name}-{name}", "rule": rules})


def schedule(policy: Backup) -> str:
    """As AWS writes cron: six fields, one of the two for days a question mark, Sunday the first day."""
    minute, hour, day, month, weekday = cron(policy).split()
    if minute.startswith("*/"):
        minute = "0"  # it does not save more often than each hour
    if weekday == "*":
        return f"cron({minute} {hour} {day} {month} ? *)"
    return f"cron({minute} {hour} ? {month} {''.join(str(int(c) % 7 + 1) if c.isdigit() else c for c in weekday)} *)"
