"""Who is told: of the budget, and when a managed store is in need. The services' own alerts come from Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import GIB, Site, gib, snake
from fairlead.render.clouds.variables import told
from fairlead.render.parts.hcl import Block, Inner, Raw, json_of, resource
from fairlead.render.targets.terraform_aws.network import KEY
from fairlead.render.targets.terraform_aws.postgres import USUAL_GIB

SHARES = (80, 100)
"""Percent of the budget at which people are told; the last one as a forecast too."""

FULL = 0.2
"""The part of a disk that is left when people are told."""


def of(site: Site) -> Iterator[Block]:
    """Topics, who hears them, what is put there."""
    for severity in ("critical", "warning"):
        yield from _topic(site, severity)
    if site.cloud.budget is not None and site.is_first:
        yield _budget(site, site.cloud.budget)
    yield from _alarms(site)


def _topic(site: Site, severity: str) -> Iterator[Block]:
    yield resource("aws_sns_topic", severity, {"name": f"{site.name}-{severity}", "kms_master_key_id": KEY})
    statement = {
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Resource": Raw(f"aws_sns_topic.{severity}.arn"),
        "Principal": {"Service": ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]},
        "Condition": {"StringEquals": {"aws:SourceAccount": Raw("data.aws_caller_identity.me.account_id")}},
    }
    policy = json_of({"Version": "2012-10-17", "Statement": [statement]})
    yield resource("aws_sns_topic_policy", severity, {"arn": Raw(f"aws_sns_topic.{severity}.arn"), "policy": policy})
    watching = site.stack.watching
    for name in watching.critical if severity == "critical" else watching.warning:
        channel = watching.channels[name]
        topic = {"topic_arn": Raw(f"aws_sns_topic.{severity}.arn")}
        key = f"{severity}_{snake(name)}"
        if name in told(site):
            url = f"var.{snake(name)}_url"
            count = Raw(f"nonsensitive({url} != null) ? 1 : 0")
            body = {"count": count, **topic, "protocol": "https", "endpoint": Raw(url)}
            yield resource("aws_sns_topic_subscription", key, body)
        elif channel.to:
            yield resource("aws_sns_topic_subscription", key, {**topic, "protocol": "email", "endpoint": channel.to})


def _budget(site: Site, limit: float) -> Block:
    def at(share: int, kind: str) -> Inner:
        return Inner(
            {
                "comparison_operator": "GREATER_THAN",
                "threshold": share,
                "threshold_type": "PERCENTAGE",
                "notification_type": kind,
                "subscriber_email_addresses": Raw("var.mail"),
                "subscriber_sns_topic_arns": [Raw("aws_sns_topic.warning.arn")],
            }
        )

    return resource(
        "aws_budgets_budget",
        "month",
        {
            "name": site.name,
            "budget_type": "COST",
            "limit_amount": f"{limit:g}",
            "limit_unit": "USD",
            "time_unit": "MONTHLY",
            "cost_filter": Inner({"name": "TagKeyValue", "values": [f"user:stack${site.stack.name}"]}),
            "notification": [*(at(share, "ACTUAL") for share in SHARES), at(SHARES[-1], "FORECASTED")],
        },
    )


def _alarms(site: Site) -> Iterator[Block]:
    for name, store in site.stores("postgres"):
        asked = {"DBInstanceIdentifier": Raw(f"aws_db_instance.{snake(name)}.identifier")}
        left = round(gib(store, USUAL_GIB) * GIB * FULL)
        yield _alarm(site, f"{name}-disk", "AWS/RDS", "FreeStorageSpace", asked, left, "LessThanThreshold")
        yield _alarm(site, f"{name}-cpu", "AWS/RDS", "CPUUtilization", asked, 80)
    for name, _ in site.stores("redis"):
        asked = {"ReplicationGroupId": Raw(f"aws_elasticache_replication_group.{snake(name)}.id")}
        yield _alarm(site, f"{name}-memory", "AWS/ElastiCache", "DatabaseMemoryUsagePercentage", asked, 85)
    for name, _ in site.stores("kafka"):
        asked = {"Cluster Name": Raw(f"aws_msk_cluster.{snake(name)}.cluster_name")}
        yield _alarm(site, f"{name}-disk", "AWS/Kafka", "KafkaDataLogsDiskUsed", asked, 80)
    for name, _ in site.stores("elasticsearch", "opensearch"):
        asked = {"DomainName": Raw(f"aws_opensearch_domain.{snake(name)}.domain_name")}
        yield _alarm(site, f"{name}-red", "AWS/ES", "ClusterStatus.red", asked, 0)


def _alarm(
    site: Site,
    name: str,
    namespace: str,
    metric: str,
    asked: dict[str, Raw],
    threshold: float,
    comparison: str = "GreaterThanThreshold",
) -> Block:
    topic = [Raw("aws_sns_topic.warning.arn")]
    return resource(
        "aws_cloudwatch_metric_alarm",
        snake(name),
        {
            "alarm_name": f"{site.name}-{name}",
            "alarm_description": f"{metric} of {name}",
            "namespace": namespace,
            "metric_name": metric,
            "dimensions": asked,
            "statistic": "Average",
            "comparison_operator": comparison,
            "threshold": threshold,
            "period": 300,
            "evaluation_periods": 3,
            "alarm_actions": topic,
            "ok_actions": topic,
        },
    )
