"""What stands before the cluster: names, and Front Door with its firewall and its caches."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_azure.settings import GROUP

SKU = "Premium_AzureFrontDoor"
"""The one with rules that Microsoft keeps."""

RULES = (("Microsoft_DefaultRuleSet", "2.1"), ("Microsoft_BotManagerRuleSet", "1.1"))
FLOOD = 400
"""Requests of one address in a minute, beyond which it is turned away."""


def of(site: Site) -> Iterator[Block]:
    """Once for all regions."""
    if not site.is_first:
        return
    if site.cloud.domain:
        zone = {"name": site.cloud.domain, "resource_group_name": GROUP, "tags": Raw("local.tags")}
        yield resource("azurerm_dns_zone", "main", zone)
    if site.cloud.cdn or site.cloud.waf:
        yield from _front_door(site)


def _front_door(site: Site) -> Iterator[Block]:
    named = {"name": site.name}
    profile = {"cdn_frontdoor_profile_id": Raw("azurerm_cdn_frontdoor_profile.main.id")}
    body = {**named, "resource_group_name": GROUP, "sku_name": SKU, "tags": Raw("local.tags")}
    yield resource("azurerm_cdn_frontdoor_profile", "main", body)
    yield resource("azurerm_cdn_frontdoor_endpoint", "main", {**named, **profile})
    asked = {"path": "/", "protocol": "Https", "interval_in_seconds": 60, "request_type": "HEAD"}
    group = {**named, **profile, "load_balancing": Inner(), "health_probe": Inner(asked)}
    yield resource("azurerm_cdn_frontdoor_origin_group", "main", group)
    origin = {
        "cdn_frontdoor_origin_group_id": Raw("azurerm_cdn_frontdoor_origin_group.main.id"),
        "host_name": Raw("var.origin"),
        "certificate_name_check_enabled": True,
        "enabled": True,
    }
    yield resource("azurerm_cdn_frontdoor_origin", "main", {**named, **origin})
    if site.cloud.domain:
        tls = Inner({"certificate_type": "ManagedCertificate"})
        domain = {**named, **profile, "dns_zone_id": Raw("azurerm_dns_zone.main.id"), "host_name": site.cloud.domain}
        yield resource("azurerm_cdn_frontdoor_custom_domain", "main", {**domain, "tls": tls})
    yield _route(site, named)
    if site.cloud.waf:
        yield from _firewall(site, profile)


def _route(site: Site, named: dict[str, str]) -> Block:
    kept = {"query_string_caching_behavior": "UseQueryString", "compression_enabled": True,
            "content_types_to_compress": ["text/html", "text/css", "application/javascript"]}  # fmt: skip
    domains = [Raw("azurerm_cdn_frontdoor_custom_domain.main.id")] if site.cloud.domain else None
    return resource(
        "azurerm_cdn_frontdoor_route",
        "main",
        {
            **named,
            "cdn_frontdoor_endpoint_id": Raw("azurerm_cdn_frontdoor_endpoint.main.id"),
            "cdn_frontdoor_origin_group_id": Raw("azurerm_cdn_frontdoor_origin_group.main.id"),
            "cdn_frontdoor_origin_ids": [Raw("azurerm_cdn_frontdoor_origin.main.id")],
            "cdn_frontdoor_custom_domain_ids": domains,
            "supported_protocols": ["Http", "Https"],
            "patterns_to_match": ["/*"],
            "forwarding_protocol": "HttpsOnly",
            "https_redirect_enabled": True,
            "link_to_default_domain": True,
            "cache": Inner(kept) if site.cloud.cdn else None,
        },
    )


def _firewall(site: Site, profile: dict[str, Raw]) -> Iterator[Block]:
    every = {"match_variable": "SocketAddr", "operator": "IPMatch", "match_values": ["0.0.0.0/0", "::/0"]}
    flood = {
        "name": "floods",
        "type": "RateLimitRule",
        "action": "Block",
        "priority": 1,
        "rate_limit_duration_in_minutes": 1,
        "rate_limit_threshold": FLOOD,
        "match_condition": Inner(every),
    }
    yield resource(
        "azurerm_cdn_frontdoor_firewall_policy",
        "main",
        {
            "name": "".join(letter for letter in site.name if letter.isalnum()),
            "resource_group_name": GROUP,
            "sku_name": SKU,
            "mode": "Prevention",
            "enabled": True,
            "tags": Raw("local.tags"),
            "custom_rule": Inner(flood) if site.cloud.ddos_protection else None,
            "managed_rule": [Inner({"type": kind, "version": version, "action": "Block"}) for kind, version in RULES],
        },
    )
    source = "custom_domain" if site.cloud.domain else "endpoint"
    where = Inner({"cdn_frontdoor_domain_id": Raw(f"azurerm_cdn_frontdoor_{source}.main.id")})
    wall = {
        "cdn_frontdoor_firewall_policy_id": Raw("azurerm_cdn_frontdoor_firewall_policy.main.id"),
        "association": Inner({"patterns_to_match": ["/*"], "domain": where}),
    }
    body = {"name": site.name, **profile, "security_policies": Inner({"firewall": Inner(wall)})}
    yield resource("azurerm_cdn_frontdoor_security_policy", "main", body)
