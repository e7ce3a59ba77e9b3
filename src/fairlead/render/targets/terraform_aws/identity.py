"""Who services are in the cloud: a role for each account of the cluster that needs one, by EKS Pod Identity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairlead.render.clouds.site import Site, snake
from fairlead.render.parts.hcl import Block, Raw, json_of, resource

Statement = dict[str, Any]
POLICY = "arn:aws:iam::aws:policy/service-role/"


def of(site: Site) -> Iterator[Block]:
    """Services by what they need; whoever fetches secrets, makes disks and saves the cluster."""
    yield from _role(site, "disks", [])
    disks = {"role": Raw("aws_iam_role.disks.name"), "policy_arn": POLICY + "AmazonEBSCSIDriverPolicy"}
    yield resource("aws_iam_role_policy_attachment", "disks", disks)
    yield from _role(site, "external-secrets", _secrets(site), account=("external-secrets", "external-secrets"))
    if buckets := list(site.backup_buckets()):
        saves = [_objects([f"backup_{snake(bucket)}" for bucket in buckets])]
        if site.stack.cluster_backup:
            yield from _role(site, "velero", [*saves, _snapshots()], account=("velero", "velero"))
        for name, store in site.stack.stores.items():
            if store.kind == "postgres" and not store.managed and site.policy(store):
                yield from _role(site, f"save-{name}", saves, account=(site.namespace, name))
    for name in site.stack.services:
        if needs := list(_needs(site, name)):
            yield from _role(site, name, needs, account=(site.namespace, name))


def _role(
    site: Site, name: str, statements: list[Statement], account: tuple[str, str] | None = None
) -> Iterator[Block]:
    role = snake(name)
    pods = {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"Service": "pods.eks.amazonaws.com"},
    }
    trusted = json_of({"Version": "2012-10-17", "Statement": [pods]})
    named = f"{site.name}-{site.region}-{name}"[:64]
    yield resource("aws_iam_role", role, {"name": named, "assume_role_policy": trusted})
    if statements:
        policy = json_of({"Version": "2012-10-17", "Statement": statements})
        yield resource("aws_iam_role_policy", role, {"role": Raw(f"aws_iam_role.{role}.id"), "policy": policy})
    if account:
        namespace, service_account = account
        yield resource(
            "aws_eks_pod_identity_association",
            role,
            {
                "cluster_name": Raw("aws_eks_cluster.main.name"),
                "namespace": namespace,
                "service_account": service_account,
                "role_arn": Raw(f"aws_iam_role.{role}.arn"),
            },
        )


def _needs(site: Site, service: str) -> Iterator[Statement]:
    buckets = [snake(name) for name, _ in site.stores("objects") if service in site.needing(name)]
    if buckets:
        yield _objects(buckets)
    for name, _ in site.stores("kafka"):
        if service in site.needing(name):
            yield _streams(name)


def _objects(buckets: list[str]) -> Statement:
    """Reads and writes what is in these buckets, and no more."""
    whole = [Raw(f"aws_s3_bucket.{bucket}.arn") for bucket in buckets]
    inside = [Raw(f'"${{aws_s3_bucket.{bucket}.arn}}/*"') for bucket in buckets]
    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListBucket"]
    return {"Effect": "Allow", "Action": actions, "Resource": [*whole, *inside]}


def _streams(store: str) -> Statement:
    actions = ["Connect", "DescribeCluster", "*Topic*", "ReadData", "WriteData", "AlterGroup", "DescribeGroup"]
    name = snake(store)
    arns = [
        Raw(f"aws_msk_cluster.{name}.arn"),
        Raw(f'"${{replace(aws_msk_cluster.{name}.arn, ":cluster/", ":topic/")}}/*"'),
        Raw(f'"${{replace(aws_msk_cluster.{name}.arn, ":cluster/", ":group/")}}/*"'),
    ]
    return {"Effect": "Allow", "Action": [f"kafka-cluster:{action}" for action in actions], "Resource": arns}


def _secrets(site: Site) -> list[Statement]:
    """External Secrets reads this stack's secrets."""
    keys = sorted({site.namespace, *(key.partition("/")[0] for key in site.managed_secrets())})
    place = f"{site.region}:${{data.aws_caller_identity.me.account_id}}:secret"
    names = [Raw(f'"arn:${{data.aws_partition.here.partition}}:secretsmanager:{place}:{key}/*"') for key in keys]
    read = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    return [
        {"Effect": "Allow", "Action": read, "Resource": names},
        {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": Raw("aws_kms_key.main.arn")},
    ]


def _snapshots() -> Statement:
    actions = ["ec2:DescribeVolumes", "ec2:DescribeSnapshots"]
    return {"Effect": "Allow", "Action": actions, "Resource": "*"}
