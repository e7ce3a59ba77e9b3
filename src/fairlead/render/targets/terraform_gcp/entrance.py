"""What stands before the cluster: names, Cloud Armor, the content delivery network."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.parts.hcl import Block, Inner, Raw, resource

RULES = ("sqli", "xss", "lfi", "rce", "cve-canary")
"""Preconfigured rules of Cloud Armor (OWASP core rule set 3.3); the last one has Log4j."""

FLOOD = (2000, 300)
"""Requests of one address in so many seconds, beyond which it is turned away."""


def of(site: Site) -> Iterator[Block]:
    """Once for all regions."""
    if not site.is_first:
        return
    if site.cloud.domain:
        yield resource(
            "google_dns_managed_zone",
            "main",
            {
                "name": site.name,
                "dns_name": f"{site.cloud.domain}.",
                "description": f"Names of {site.name}",
                "dnssec_config": Inner({"state": "on"}),
                "depends_on": [Raw("google_project_service.dns")],
            },
        )
    if site.cloud.waf or site.cloud.ddos_protection:
        yield _firewall(site)
    if site.cloud.cdn:
        yield from _network(site)


def _firewall(site: Site) -> Block:
    rules = [_refused(name, number) for number, name in enumerate(RULES)] if site.cloud.waf else []
    if site.cloud.ddos_protection:
        rules.append(_flood())
    every = Inner({"versioned_expr": "SRC_IPS_V1", "config": Inner({"src_ip_ranges": ["*"]})})
    rules.append(Inner({"action": "allow", "priority": 2147483647, "description": "All others", "match": every}))
    watch = Inner({"layer_7_ddos_defense_config": Inner({"enable": site.cloud.ddos_protection})})
    return resource(
        "google_compute_security_policy",
        "main",
        {"name": site.name, "type": "CLOUD_ARMOR", "adaptive_protection_config": watch, "rule": rules},
        notes=[] if site.cloud.waf else ["checkov:skip=CKV_GCP_73:it holds off floods only: `waf: true` adds the rest"],
    )


def _refused(name: str, number: int) -> Inner:
    rule = name if name == "cve-canary" else f"{name}-v33-stable"
    expression = Inner({"expression": f"evaluatePreconfiguredExpr('{rule}')"})
    body = {"action": "deny(403)", "priority": 1000 + number, "description": name}
    return Inner({**body, "match": Inner({"expr": expression})})


def _flood() -> Inner:
    count, span = FLOOD
    limits = {
        "conform_action": "allow",
        "exceed_action": "deny(429)",
        "enforce_on_key": "IP",
        "rate_limit_threshold": Inner({"count": count, "interval_sec": span}),
    }
    every = Inner({"versioned_expr": "SRC_IPS_V1", "config": Inner({"src_ip_ranges": ["*"]})})
    body = {"action": "throttle", "priority": 2000, "description": "Floods", "match": every}
    return Inner({**body, "rate_limit_options": Inner(limits)})


def _network(site: Site) -> Iterator[Block]:
    """A load balancer at the edge that asks the cluster by its name."""
    named = {"name": f"{site.name}-edge"}
    group = Raw("google_compute_global_network_endpoint_group.edge.id")
    yield resource(
        "google_compute_global_network_endpoint_group",
        "edge",
        {**named, "network_endpoint_type": "INTERNET_FQDN_PORT", "default_port": 443},
    )
    endpoint = {"global_network_endpoint_group": group, "fqdn": Raw("var.origin"), "port": 443}
    yield resource("google_compute_global_network_endpoint", "edge", endpoint)
    armed = site.cloud.waf or site.cloud.ddos_protection
    yield resource(
        "google_compute_backend_service",
        "edge",
        {
            **named,
            "protocol": "HTTPS",
            "load_balancing_scheme": "EXTERNAL_MANAGED",
            "enable_cdn": True,
            "security_policy": Raw("google_compute_security_policy.main.id") if armed else None,
            "backend": Inner({"group": group}),
            "cdn_policy": Inner({"cache_mode": "USE_ORIGIN_HEADERS"}),
            "log_config": Inner({"enable": True, "sample_rate": 1.0}),
        },
    )
    service = {"default_service": Raw("google_compute_backend_service.edge.id")}
    yield resource("google_compute_url_map", "edge", {**named, **service})
    if site.cloud.domain:
        yield from _by_name(site, site.cloud.domain, named)


def _by_name(site: Site, domain: str, named: dict[str, str]) -> Iterator[Block]:
    managed = Inner({"domains": [domain]})
    yield resource("google_compute_managed_ssl_certificate", "edge", {**named, "managed": managed})
    oldest = {"min_tls_version": "TLS_1_2", "profile": "MODERN"}
    yield resource("google_compute_ssl_policy", "edge", {**named, **oldest})
    yield resource(
        "google_compute_target_https_proxy",
        "edge",
        {
            **named,
            "url_map": Raw("google_compute_url_map.edge.id"),
            "ssl_certificates": [Raw("google_compute_managed_ssl_certificate.edge.id")],
            "ssl_policy": Raw("google_compute_ssl_policy.edge.id"),
        },
    )
    yield resource("google_compute_global_address", "edge", named)
    yield resource(
        "google_compute_global_forwarding_rule",
        "edge",
        {
            **named,
            "target": Raw("google_compute_target_https_proxy.edge.id"),
            "ip_address": Raw("google_compute_global_address.edge.address"),
            "port_range": "443",
            "load_balancing_scheme": "EXTERNAL_MANAGED",
        },
    )
    yield resource(
        "google_dns_record_set",
        "edge",
        {
            "managed_zone": Raw("google_dns_managed_zone.main.name"),
            "name": f"{domain}.",
            "type": "A",
            "ttl": 300,
            "rrdatas": [Raw("google_compute_global_address.edge.address")],
        },
    )
