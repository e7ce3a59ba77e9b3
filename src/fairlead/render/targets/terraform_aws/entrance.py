"""What stands before the cluster: names, a firewall for web requests, the content delivery network, floods."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_aws.network import log_group

EDGE = Raw("aws.edge")
RULES = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)
FLOOD = 2000
"""Requests of one address in five minutes, beyond which it is blocked; the stack's own limits are in its router."""

CACHED, UNCACHED, ALL_VIEWER = (
    "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "216adef6-5c7f-47e4-b989-5492eafa07d3",
)
"""CloudFront's own policies: CachingOptimized, CachingDisabled, AllViewer (its page on managed policies names them)."""

SECURE_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"


def of(site: Site) -> Iterator[Block]:
    """Once for all regions."""
    if not site.is_first:
        return
    if site.cloud.domain:
        yield _zone(site, site.cloud.domain)
    if site.cloud.waf or site.cloud.ddos_protection:
        yield from _firewall(site)
    if site.cloud.cdn:
        yield from _network(site)
    if site.cloud.ddos_protection:
        yield from _floods(site)


def _zone(site: Site, domain: str) -> Block:
    return resource(
        "aws_route53_zone",
        "main",
        {"name": domain, "comment": f"Names of {site.name}"},
        notes=[
            "checkov:skip=CKV2_AWS_38:the zone above has to be signed first, which only its owner can do",
            "checkov:skip=CKV2_AWS_39:questions for names say nothing that the entrance does not log",
        ],
    )


def _firewall(site: Site) -> Iterator[Block]:
    edge = site.cloud.cdn
    provider = EDGE if edge else None
    rules = [_managed(name, number) for number, name in enumerate(RULES)] if site.cloud.waf else []
    if site.cloud.ddos_protection:
        limit = Inner({"rate_based_statement": Inner({"limit": FLOOD, "aggregate_key_type": "IP"})})
        body = {"name": "floods", "priority": len(RULES), "action": Inner({"block": Inner()}), "statement": limit}
        rules.append(Inner({**body, "visibility_config": _seen("floods")}))
    yield resource(
        "aws_wafv2_web_acl",
        "main",
        {
            "provider": provider,
            "name": site.name,
            "scope": "CLOUDFRONT" if edge else "REGIONAL",
            "default_action": Inner({"allow": Inner()}),
            "rule": rules,
            "visibility_config": _seen(site.name),
        },
        notes=[]
        if site.cloud.waf
        else ["checkov:skip=CKV_AWS_192:it holds off floods only: `waf: true` adds the rest"],
    )
    group = log_group(site, "firewall", f"aws-waf-logs-{site.name}")
    keyed = {**group.body, "provider": provider, "kms_key_id": None if edge else group.body["kms_key_id"]}
    notes = [*group.notes, *(["checkov:skip=CKV_AWS_158:at the edge, where this key is not"] if edge else [])]
    yield resource("aws_cloudwatch_log_group", "firewall", keyed, notes=notes)
    yield resource(
        "aws_wafv2_web_acl_logging_configuration",
        "main",
        {
            "provider": provider,
            "resource_arn": Raw("aws_wafv2_web_acl.main.arn"),
            "log_destination_configs": [Raw("aws_cloudwatch_log_group.firewall.arn")],
            "redacted_fields": [
                Inner({"single_header": Inner({"name": name})}) for name in ("authorization", "x-api-key", "cookie")
            ],
        },
    )


def _managed(name: str, number: int) -> Inner:
    group = Inner({"managed_rule_group_statement": Inner({"name": name, "vendor_name": "AWS"})})
    body = {"name": name, "priority": number, "override_action": Inner({"none": Inner()}), "statement": group}
    return Inner({**body, "visibility_config": _seen(name)})


def _seen(name: str) -> Inner:
    return Inner({"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": True})


def _network(site: Site) -> Iterator[Block]:
    named = site.cloud.domain
    if named:
        yield from _certificate(named)
    certificate = {
        "acm_certificate_arn": Raw("aws_acm_certificate_validation.edge.certificate_arn"),
        "minimum_protocol_version": "TLSv1.2_2021",
        "ssl_support_method": "sni-only",
    }
    origin = {
        "origin_id": "cluster",
        "domain_name": Raw("var.origin"),
        "custom_origin_config": Inner(
            {
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "https-only",
                "origin_ssl_protocols": ["TLSv1.2"],
            }
        ),
    }
    methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    behaviour = {
        "target_origin_id": "cluster",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": methods,
        "cached_methods": ["GET", "HEAD"],
        "compress": True,
        "origin_request_policy_id": ALL_VIEWER,
        "response_headers_policy_id": SECURE_HEADERS,
    }
    static = {**behaviour, "path_pattern": "/assets/*", "allowed_methods": ["GET", "HEAD"], "cache_policy_id": CACHED}
    yield resource(
        "aws_cloudfront_distribution",
        "main",
        {
            "comment": site.name,
            "enabled": True,
            "is_ipv6_enabled": True,
            "http_version": "http2and3",
            "aliases": [named] if named else None,
            "web_acl_id": Raw("aws_wafv2_web_acl.main.arn") if site.cloud.waf or site.cloud.ddos_protection else None,
            "origin": Inner(origin),
            "default_cache_behavior": Inner({**behaviour, "cache_policy_id": UNCACHED}),
            "ordered_cache_behavior": Inner(static),
            "restrictions": Inner({"geo_restriction": Inner({"restriction_type": "none"})}),
            "viewer_certificate": Inner(certificate if named else {"cloudfront_default_certificate": True}),
        },
        notes=_exceptions(site),
    )
    if named:
        place = ("name", "domain_name"), ("zone_id", "hosted_zone_id")
        alias = {key: Raw(f"aws_cloudfront_distribution.main.{value}") for key, value in place}
        record = {"zone_id": Raw("aws_route53_zone.main.zone_id"), "name": named}
        for kind in ("A", "AAAA"):
            body = {**record, "type": kind, "alias": Inner({**alias, "evaluate_target_health": False})}
            yield resource("aws_route53_record", f"main_{kind.lower()}", body)


def _exceptions(site: Site) -> list[str]:
    found = [
        "checkov:skip=CKV_AWS_86:the firewall logs requests; the entrance in the cluster does too",
        "checkov:skip=CKV_AWS_305:paths are the services' own",
        "checkov:skip=CKV_AWS_310:one entrance, which is over several zones",
        "checkov:skip=CKV_AWS_374:open to every country",
        "checkov:skip=CKV2_AWS_47:known bad inputs are refused; AnonymousIpList refuses data centres, with clients",
        "checkov:skip=CKV2_AWS_32:the managed policy SecurityHeadersPolicy is attached by its id",
    ]
    if not site.cloud.waf:
        found += ["checkov:skip=CKV_AWS_68:the stack file asks for no firewall (waf)"]
    if not site.cloud.domain:
        found += ["checkov:skip=CKV_AWS_174:the name of CloudFront has a certificate of its own",
                  "checkov:skip=CKV2_AWS_42:the stack file names no domain"]  # fmt: skip
    return found


def _certificate(domain: str) -> Iterator[Block]:
    yield resource(
        "aws_acm_certificate",
        "edge",
        {
            "provider": EDGE,
            "domain_name": domain,
            "validation_method": "DNS",
            "lifecycle": Inner({"create_before_destroy": True}),
        },
    )
    option = "one(aws_acm_certificate.edge.domain_validation_options)"
    record = {key: Raw(f"{option}.resource_record_{key}") for key in ("name", "type")}
    yield resource(
        "aws_route53_record",
        "edge",
        {
            "zone_id": Raw("aws_route53_zone.main.zone_id"),
            **record,
            "records": [Raw(f"{option}.resource_record_value")],
            "ttl": 300,
        },
    )
    yield resource(
        "aws_acm_certificate_validation",
        "edge",
        {
            "provider": EDGE,
            "certificate_arn": Raw("aws_acm_certificate.edge.arn"),
            "validation_record_fqdns": [Raw("aws_route53_record.edge.fqdn")],
        },
    )


def _floods(site: Site) -> Iterator[Block]:
    """Shield Standard is there anyway; Advanced is a contract for a year."""
    once = {"count": Raw("var.shield_advanced ? 1 : 0")}
    yield resource("aws_shield_subscription", "main", {**once, "auto_renew": "DISABLED"})
    if site.cloud.cdn:
        body = {"name": site.name, "resource_arn": Raw("aws_cloudfront_distribution.main.arn")}
    elif site.cloud.domain:
        body = {"name": site.name, "resource_arn": Raw("aws_route53_zone.main.arn")}
    else:
        return
    yield resource(
        "aws_shield_protection", "main", {**once, **body, "depends_on": [Raw("aws_shield_subscription.main")]}
    )
