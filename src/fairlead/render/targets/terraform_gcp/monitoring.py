"""Who is told: of the budget, and when a managed store is in need. The services' own alerts come from Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, days, snake
from fairlead.render.clouds.variables import told
from fairlead.render.parts.hcl import Block, Inner, Raw, resource

SHARES = (0.8, 1.0)
MOST_LOG_DAYS = 3650


def of(site: Site) -> Iterator[Block]:
    """Channels, then what is told to them."""
    yield resource(
        "google_logging_project_bucket_config",
        "logs",
        {
            "project": Raw("var.project"),
            "location": "global",
            "bucket_id": "_Default",
            "retention_days": days(site.stack.watching.logs_keep, most=MOST_LOG_DAYS),
        },
    )
    yield resource(
        "google_monitoring_notification_channel",
        "mail",
        {
            "for_each": Raw("toset(var.mail)"),
            "display_name": Raw("each.value"),
            "type": "email",
            "labels": {"email_address": Raw("each.value")},
        },
    )
    for name in told(site):
        url = f"var.{snake(name)}_url"
        yield resource(
            "google_monitoring_notification_channel",
            snake(name),
            {
                "count": Raw(f"nonsensitive({url} != null) ? 1 : 0"),
                "display_name": name,
                "type": "webhook_tokenauth",
                "labels": {"url": Raw(url)},
            },
        )
    if site.cloud.budget is not None and site.is_first:
        yield _budget(site, site.cloud.budget)
    yield from _alarms(site)


def _budget(site: Site, limit: float) -> Block:
    mail = Raw("[for one in google_monitoring_notification_channel.mail : one.id]")
    projects = [Raw('"projects/${data.google_project.me.number}"')]
    return resource(
        "google_billing_budget",
        "month",
        {
            "count": Raw("var.billing_account == null ? 0 : 1"),
            "billing_account": Raw("var.billing_account"),
            "display_name": site.name,
            "budget_filter": Inner({"projects": projects}),
            "amount": Inner({"specified_amount": Inner({"currency_code": "USD", "units": f"{round(limit)}"})}),
            "threshold_rules": [
                *(Inner({"threshold_percent": share}) for share in SHARES),
                Inner({"threshold_percent": SHARES[-1], "spend_basis": "FORECASTED_SPEND"}),
            ],
            "all_updates_rule": Inner({"monitoring_notification_channels": mail}),
        },
    )


def _alarms(site: Site) -> Iterator[Block]:
    for name, _ in site.stores("postgres"):
        asked = f'resource.label.database_id = "${{var.project}}:{site.name}-{name}"'
        for what, bound in (("disk", 0.8), ("cpu", 0.8)):
            metric = f"cloudsql.googleapis.com/database/{what}/utilization"
            yield _alarm(site, f"{name}-{what}", metric, "cloudsql_database", asked, bound)
    for name, _ in site.stores("redis"):
        metric = "redis.googleapis.com/stats/memory/usage_ratio"
        asked = f'resource.label.instance_id = "${{google_redis_instance.{snake(name)}.id}}"'
        yield _alarm(site, f"{name}-memory", metric, "redis_instance", asked, 0.85)


def _alarm(site: Site, name: str, metric: str, kind: str, asked: str, bound: float) -> Block:
    words = f'metric.type = "{metric}" AND resource.type = "{kind}" AND {asked}'.replace('"', '\\"')
    channels = [*(f"google_monitoring_notification_channel.{snake(one)}[*].id" for one in told(site)
                  if one in site.stack.watching.warning),
                "[for one in google_monitoring_notification_channel.mail : one.id]"]  # fmt: skip
    threshold = {
        "filter": Raw(f'"{words}"'),
        "comparison": "COMPARISON_GT",
        "threshold_value": bound,
        "duration": "900s",
        "aggregations": Inner({"alignment_period": "300s", "per_series_aligner": "ALIGN_MEAN"}),
    }
    return resource(
        "google_monitoring_alert_policy",
        snake(name),
        {
            "display_name": f"{site.name}-{name}",
            "combiner": "OR",
            "notification_channels": Raw(f"concat({', '.join(channels)})"),
            "conditions": Inner({"display_name": name, "condition_threshold": Inner(threshold)}),
        },
    )
