"""The network: private subnets for machines, closed ones for stores, public ones for entrances, in every zone."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.bill import ways_out
from fairlead.render.clouds.site import Site, days
from fairlead.render.parts.hcl import Block, Body, Inner, Raw, json_of, resource

TIERS = {"private": (4, 0), "public": (8, 240), "data": (8, 248)}
"""Tier -> how many bits its subnets are narrower than the network, and the number of the first."""

KEY = Raw("aws_kms_key.main.arn")


def of(site: Site) -> Iterator[Block]:
    """One network for each region."""
    yield resource(
        "aws_vpc",
        "main",
        {
            "cidr_block": site.cloud.cidr,
            "enable_dns_support": True,
            "enable_dns_hostnames": True,
            "tags": {"Name": site.name},
        },
    )
    yield resource("aws_default_security_group", "closed", {"vpc_id": Raw("aws_vpc.main.id")})
    for tier in TIERS:
        yield from (_subnet(site, tier, zone) for zone in range(site.cloud.zones))
    yield from _public(site)
    yield from _private(site)
    yield from _flows(site)
    yield _storage(site)


def subnets(site: Site, tier: str) -> list[Raw]:
    """The ids of a tier's subnets."""
    return [Raw(f"aws_subnet.{tier}_{zone}.id") for zone in range(site.cloud.zones)]


def log_group(site: Site, name: str, path: str) -> Block:
    """Logs that are kept as long as the stack says (CloudWatch knows some spans only)."""
    spans = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
    wanted = days(site.stack.watching.logs_keep, most=spans[-1])
    return resource(
        "aws_cloudwatch_log_group",
        name,
        {"name": path, "retention_in_days": next(span for span in spans if span >= wanted), "kms_key_id": KEY},
        notes=["checkov:skip=CKV_AWS_338:logs are kept as long as the stack file says (watching.logs_keep)"],
    )


def trust(service: str) -> Raw:
    """A policy that lets a service of AWS take a role."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return json_of({"Version": "2012-10-17", "Statement": [statement]})


def _subnet(site: Site, tier: str, zone: int) -> Block:
    bits, first = TIERS[tier]
    roles = {"public": {"kubernetes.io/role/elb": "1"}, "private": {"kubernetes.io/role/internal-elb": "1"}}
    return resource(
        "aws_subnet",
        f"{tier}_{zone}",
        {
            "vpc_id": Raw("aws_vpc.main.id"),
            "cidr_block": Raw(f"cidrsubnet(aws_vpc.main.cidr_block, {bits}, {first + zone})"),
            "availability_zone": Raw(f"var.zones[{zone}]"),
            "map_public_ip_on_launch": tier == "public" and not site.stack.security.private_nodes,
            "tags": {"Name": f"{site.name}-{tier}-{zone}", **roles.get(tier, {})},
        },
        notes=[]
        if site.stack.security.private_nodes or tier != "public"
        else ["checkov:skip=CKV_AWS_130:the stack file says that machines have public addresses (private_nodes)"],
    )


def _public(site: Site) -> Iterator[Block]:
    vpc = {"vpc_id": Raw("aws_vpc.main.id"), "tags": {"Name": f"{site.name}-public"}}
    yield resource("aws_internet_gateway", "main", vpc)
    yield resource("aws_route_table", "public", vpc)
    yield resource(
        "aws_route",
        "public",
        {
            "route_table_id": Raw("aws_route_table.public.id"),
            "destination_cidr_block": "0.0.0.0/0",
            "gateway_id": Raw("aws_internet_gateway.main.id"),
        },
    )
    for zone in range(site.cloud.zones):
        yield _association("public", zone, "public")


def _private(site: Site) -> Iterator[Block]:
    """A way out for each zone where there are machines in each."""
    ways = ways_out(site)
    for zone in range(site.cloud.zones):
        named = {"tags": {"Name": f"{site.name}-{zone}"}}
        yield resource("aws_route_table", f"private_{zone}", {"vpc_id": Raw("aws_vpc.main.id"), **named})
        yield _association("private", zone, f"private_{zone}")
        yield _association("data", zone, f"private_{zone}")
        if site.stack.security.private_nodes:
            yield from _way_out(zone, named) if zone < ways else ()
            yield resource(
                "aws_route",
                f"private_{zone}",
                {
                    "route_table_id": Raw(f"aws_route_table.private_{zone}.id"),
                    "destination_cidr_block": "0.0.0.0/0",
                    "nat_gateway_id": Raw(f"aws_nat_gateway.zone_{zone if zone < ways else 0}.id"),
                },
            )


def _way_out(zone: int, named: Body) -> Iterator[Block]:
    yield resource("aws_eip", f"nat_{zone}", {"domain": "vpc", **named})
    nat = {
        "allocation_id": Raw(f"aws_eip.nat_{zone}.id"),
        "subnet_id": Raw(f"aws_subnet.public_{zone}.id"),
        "depends_on": [Raw("aws_internet_gateway.main")],
    }
    yield resource("aws_nat_gateway", f"zone_{zone}", {**nat, **named})


def _association(tier: str, zone: int, table: str) -> Block:
    return resource(
        "aws_route_table_association",
        f"{tier}_{zone}",
        {"subnet_id": Raw(f"aws_subnet.{tier}_{zone}.id"), "route_table_id": Raw(f"aws_route_table.{table}.id")},
    )


def _flows(site: Site) -> Iterator[Block]:
    """Who spoke with whom."""
    yield log_group(site, "flows", f"/aws/vpc/{site.name}")
    yield resource(
        "aws_iam_role",
        "flows",
        {"name": f"{site.name}-{site.region}-flows", "assume_role_policy": trust("vpc-flow-logs.amazonaws.com")},
    )
    actions = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    group = Raw('"${aws_cloudwatch_log_group.flows.arn}:*"')
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": group}]}
    yield resource("aws_iam_role_policy", "flows", {"role": Raw("aws_iam_role.flows.id"), "policy": json_of(policy)})
    yield resource(
        "aws_flow_log",
        "main",
        {
            "vpc_id": Raw("aws_vpc.main.id"),
            "traffic_type": "ALL",
            "log_destination": Raw("aws_cloudwatch_log_group.flows.arn"),
            "iam_role_arn": Raw("aws_iam_role.flows.arn"),
        },
    )


def _storage(site: Site) -> Block:
    """Object storage without the way over the internet, which also costs nothing."""
    tables = [Raw(f"aws_route_table.private_{zone}.id") for zone in range(site.cloud.zones)]
    return resource(
        "aws_vpc_endpoint",
        "s3",
        {
            "vpc_id": Raw("aws_vpc.main.id"),
            "service_name": f"com.amazonaws.{site.region}.s3",
            "vpc_endpoint_type": "Gateway",
            "route_table_ids": tables,
        },
    )


def inside(site: Site, name: str, port: int) -> Block:
    """A firewall around a store: only machines of the cluster reach it."""
    return resource(
        "aws_security_group",
        name,
        {
            "name": f"{site.name}-{name.replace('_', '-')}",
            "description": "Reached from the cluster only",
            "vpc_id": Raw("aws_vpc.main.id"),
            "ingress": Inner(
                {
                    "description": "From machines of the cluster",
                    "from_port": port,
                    "to_port": port,
                    "protocol": "tcp",
                    "security_groups": [Raw("aws_eks_cluster.main.vpc_config[0].cluster_security_group_id")],
                }
            ),
        },
    )
