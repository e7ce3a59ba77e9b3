"""What the next step asks for. Addresses with passwords are in Secrets Manager, not here."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, snake
from fairlead.render.parts.hcl import Block, output


def of(site: Site) -> Iterator[Block]:
    """Of the cluster, then of what is there once."""
    yield output("cluster", "aws_eks_cluster.main.name", "The name of the cluster.")
    yield output(
        "kubeconfig",
        f'"aws eks update-kubeconfig --region {site.region} --name ${{aws_eks_cluster.main.name}}"',
        "The command that makes kubectl reach the cluster.",
    )
    yield output("network", "aws_vpc.main.id", "The network.")
    if databases := [name for name, _ in site.stores("postgres")]:
        arns = ", ".join(f"{name} = aws_db_instance.{snake(name)}.arn" for name in databases)
        yield output("databases", f"{{ {arns} }}", "The databases, for a further region that reads from them.")
    if site.cloud.domain and site.is_first:
        yield output(
            "name_servers", "aws_route53_zone.main.name_servers", "What the zone above has to name for this domain."
        )
    if site.cloud.cdn and site.is_first:
        yield output("edge", "aws_cloudfront_distribution.main.domain_name", "The name of the delivery network.")
