"""What `terraform test` says of a site: a plan, with AWS mocked, and what the stack file asks for in it."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.proof import asserted, run
from fairlead.render.clouds.site import Site, snake
from fairlead.render.parts.hcl import Block, Inner
from fairlead.render.targets.terraform_aws.keys import ROTATED_DAYS


def of(site: Site) -> Iterator[Block]:
    """One run: plans are quick, and nothing of it needs an account."""
    mocks = [
        Inner({"defaults": {"account_id": "123456789012"}}, ("aws_caller_identity",)),
        Inner({"defaults": {"partition": "aws"}}, ("aws_partition",)),
    ]
    aliases: list[str | None] = [None]
    if site.cloud.cdn and site.is_first:
        aliases.append("edge")
    if site.elsewhere:
        aliases.append("elsewhere")
    for alias in aliases:
        yield Block("mock_provider", ("aws",), {"alias": alias, "mock_data": mocks})
    if not site.is_first and site.has("postgres"):
        arn = f"arn:aws:rds:{site.cloud.region}:123456789012:db:"
        yield Block("variables", (), {"writers": {name: arn + name for name, _ in site.stores("postgres")}})
    yield run("plan", list(_asserts(site)))


def _asserts(site: Site) -> Iterator[Inner]:
    cluster = "aws_eks_cluster.main"
    yield asserted(f'{cluster}.name == "{site.name}"', "the cluster has another name than the stack and environment")
    yield asserted(f"{cluster}.vpc_config[0].endpoint_public_access == false", "the cluster's API is open to all")
    rotated = ROTATED_DAYS[site.stack.security.key_service]
    yield asserted(f"aws_kms_key.main.rotation_period_in_days == {rotated}", "the key is not rotated as asked")
    for name, group in site.cloud.nodes.items():
        scaling = f"aws_eks_node_group.{snake(name)}.scaling_config[0]"
        yield asserted(f"{scaling}.min_size == {group.min}", f"{name} has another least number of machines")
    for name, _ in site.stores("postgres"):
        database = f"aws_db_instance.{snake(name)}"
        yield asserted(f"{database}.storage_encrypted", f"{name} is not encrypted")
        yield asserted(f"!{database}.publicly_accessible", f"{name} can be reached from outside")
    for name, _ in site.stores("objects"):
        closed = f"aws_s3_bucket_public_access_block.{snake(name)}.restrict_public_buckets"
        yield asserted(closed, f"{name} can be read by all")
