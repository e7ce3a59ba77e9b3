"""Who is told: of the budget, and when a managed store is in need. The services' own alerts come from Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, snake
from fairlead.render.clouds.variables import told
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_azure.settings import GROUP

SHARES = (80, 100)


def of(site: Site) -> Iterator[Block]:
    """Groups, then what is told to them."""
    for severity in ("critical", "warning"):
        yield _group(site, severity)
    if site.cloud.budget is not None:
        yield _budget(site, site.cloud.budget)
    for name, _ in site.stores("postgres"):
        scope = f"azurerm_postgresql_flexible_server.{snake(name)}.id"
        for what, metric in (("disk", "storage_percent"), ("cpu", "cpu_percent")):
            yield _alarm(site, f"{name}-{what}", scope, "Microsoft.DBforPostgreSQL/flexibleServers", metric, 80)
    for name, _ in site.stores("redis"):
        scope = f"azurerm_redis_cache.{snake(name)}.id"
        yield _alarm(site, f"{name}-memory", scope, "Microsoft.Cache/redis", "usedmemorypercentage", 85)


def _group(site: Site, severity: str) -> Block:
    watching = site.stack.watching
    names = watching.critical if severity == "critical" else watching.warning
    mails = [
        Inner({"name": name, "email_address": watching.channels[name].to})
        for name in names
        if watching.channels[name].kind == "mail" and watching.channels[name].to
    ]
    hooks = [name for name in names if name in told(site)]
    entries = ", ".join(f"{snake(name)} = var.{snake(name)}_url" for name in hooks)
    body: dict[str, object] = {
        "name": f"{site.name}-{severity}",
        "resource_group_name": GROUP,
        "short_name": severity,
        "tags": Raw("local.tags"),
    }
    if mails:
        body["email_receiver"] = mails
    if hooks:
        given = Raw(f"{{ for name, url in nonsensitive({{ {entries} }}) : name => url if url != null }}")
        content = Inner({"name": Raw("webhook_receiver.key"), "service_uri": Raw("webhook_receiver.value")})
        body["dynamic"] = Inner({"for_each": given, "content": content}, ("webhook_receiver",))
    return resource("azurerm_monitor_action_group", severity, body)


def _budget(site: Site, limit: float) -> Block:
    def at(share: int, kind: str) -> Inner:
        return Inner(
            {
                "operator": "GreaterThan",
                "threshold": share,
                "threshold_type": kind,
                "contact_emails": Raw("var.mail"),
                "contact_groups": [Raw("azurerm_monitor_action_group.warning.id")],
            }
        )

    return resource(
        "azurerm_consumption_budget_resource_group",
        "month",
        {
            "name": site.name,
            "resource_group_id": Raw("azurerm_resource_group.main.id"),
            "amount": round(limit),
            "time_grain": "Monthly",
            "time_period": Inner({"start_date": Raw("var.budget_start")}),
            "notification": [*(at(share, "Actual") for share in SHARES), at(SHARES[-1], "Forecasted")],
        },
    )


def _alarm(site: Site, name: str, scope: str, namespace: str, metric: str, bound: int) -> Block:
    criteria = {
        "metric_namespace": namespace,
        "metric_name": metric,
        "aggregation": "Average",
        "operator": "GreaterThan",
        "threshold": bound,
    }
    return resource(
        "azurerm_monitor_metric_alert",
        snake(name),
        {
            "name": f"{site.name}-{name}",
            "resource_group_name": GROUP,
            "scopes": [Raw(scope)],
            "window_size": "PT15M",
            "tags": Raw("local.tags"),
            "criteria": Inner(criteria),
            "action": Inner({"action_group_id": Raw("azurerm_monitor_action_group.warning.id")}),
        },
    )
