"""Versions, providers and the few variables of a root module."""

from __future__ import annotations

import string
from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.clouds.variables import of_passwords, of_people
from fairlead.render.parts.hcl import Block, Inner, Raw, variable

PROVIDER_VERSION = "5.100.0"
"""The newest of version 5, which what is rendered was judged with."""

EDGE = "us-east-1"
"""Where AWS keeps what belongs to its edge: certificates and firewalls of CloudFront."""


def versions(site: Site) -> Iterator[Block]:
    """Pinned exactly, so that a plan of today is that of tomorrow."""
    aws = {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}
    backend = Inner(labels=("s3",))
    yield Block(
        "terraform",
        (),
        {"required_version": ">= 1.11.0, < 2.0.0", "backend": backend, "required_providers": Inner(aws)},
    )
    yield _provider(site, site.region)
    if site.cloud.cdn and site.is_first:
        yield _provider(site, EDGE, alias="edge")
    if site.elsewhere:
        yield _provider(site, site.elsewhere, alias="elsewhere")


def variables(site: Site) -> Iterator[Block]:
    """What differs by who applies; all else is in the stack file."""
    yield variable(
        "api_access",
        "list(string)",
        "Networks (CIDR) that reach the API of the cluster from outside; none keeps it private.",
        default=[],
    )
    yield variable(
        "zones",
        "list(string)",
        "Availability zones of the network. Not every account has every zone: `aws ec2 describe-availability-zones`.",
        default=[f"{site.region}{letter}" for letter in string.ascii_lowercase[: site.cloud.zones]],
    )
    yield from of_people(site)
    yield from of_passwords(site, tokens=site.has("redis", "elasticsearch", "opensearch"))
    if site.cloud.cdn and site.is_first:
        yield variable(
            "origin",
            "string",
            "Host name of the cluster's load balancer, which the content delivery network asks.",
            default=f"origin.{site.cloud.domain}" if site.cloud.domain else Raw("null"),
        )
    if site.cloud.ddos_protection and site.is_first:
        yield variable(
            "shield_advanced",
            "bool",
            "Subscribe to Shield Advanced: 3,000 US$ a month, for a year.",
            default=False,
        )
    if not site.is_first and site.has("postgres"):
        yield variable(
            "writers",
            "map(string)",
            "ARNs of the databases of the first region, as its output `databases` gives them.",
            default={},
        )


def _provider(site: Site, region: str, alias: str | None = None) -> Block:
    return Block("provider", ("aws",), {"alias": alias, "region": region, "default_tags": Inner({"tags": site.tags})})
