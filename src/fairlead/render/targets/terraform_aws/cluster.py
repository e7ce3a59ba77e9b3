"""The managed cluster, its node groups and the add-ons that it can't do without."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.render.clouds.nodes import labels
from fairlead.render.clouds.site import GIB, Site, snake
from fairlead.render.cluster.placing import SPOT
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_aws.network import KEY, log_group, subnets, trust
from fairlead.stack.model.platform import NodeGroup

USUAL_VERSION = "1.31"
USUAL_DISK_GIB = 50
GRAVITON = re.compile(r"[a-z]+\d+g[a-z]*\.")
POLICY = "arn:aws:iam::aws:policy/"
LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
ADDONS = ("vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent", "aws-ebs-csi-driver")


def of(site: Site) -> Iterator[Block]:
    """The control plane first."""
    yield log_group(site, "cluster", f"/aws/eks/{site.name}/cluster")
    yield from _role(site, "cluster", "eks.amazonaws.com", "AmazonEKSClusterPolicy")
    yield _cluster(site)
    machine = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy")
    yield from _role(site, "nodes", "ec2.amazonaws.com", *machine)
    for name, group in site.cloud.nodes.items():
        yield _template(site, name, group)
        yield _group(site, name, group)
    yield from (_addon(site, addon) for addon in ADDONS)


def _cluster(site: Site) -> Block:
    network = {
        "subnet_ids": subnets(site, "private"),
        "endpoint_private_access": True,
        "endpoint_public_access": Raw("length(var.api_access) > 0"),
        "public_access_cidrs": Raw("length(var.api_access) > 0 ? var.api_access : null"),
    }
    return resource(
        "aws_eks_cluster",
        "main",
        {
            "name": site.name,
            "version": site.cloud.kubernetes or USUAL_VERSION,
            "role_arn": Raw("aws_iam_role.cluster.arn"),
            "enabled_cluster_log_types": LOGS,
            "bootstrap_self_managed_addons": False,
            "access_config": Inner({"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": True}),
            "vpc_config": Inner(network),
            "encryption_config": Inner({"resources": ["secrets"], "provider": Inner({"key_arn": KEY})}),
            "depends_on": [Raw("aws_iam_role_policy_attachment.cluster_0"), Raw("aws_cloudwatch_log_group.cluster")],
        },
        notes=[
            "checkov:skip=CKV_AWS_39:the API is public only to the networks of var.api_access, and private without any",
            "checkov:skip=CKV_AWS_38:the API is public only to the networks of var.api_access, and private without any",
        ],
    )


def _role(site: Site, name: str, service: str, *policies: str) -> Iterator[Block]:
    body = {"name": f"{site.name}-{site.region}-{name}", "assume_role_policy": trust(service)}
    yield resource("aws_iam_role", name, body)
    for number, policy in enumerate(policies):
        attached = {"role": Raw(f"aws_iam_role.{name}.name"), "policy_arn": POLICY + policy}
        yield resource("aws_iam_role_policy_attachment", f"{name}_{number}", attached)


def _template(site: Site, name: str, group: NodeGroup) -> Block:
    disk = {
        "volume_size": -(-group.disk // GIB) if group.disk else USUAL_DISK_GIB,
        "volume_type": "gp3",
        "encrypted": True,
        "delete_on_termination": True,
    }
    return resource(
        "aws_launch_template",
        snake(name),
        {
            "name": f"{site.name}-{name}",
            "update_default_version": True,
            "block_device_mappings": Inner({"device_name": "/dev/xvda", "ebs": Inner(disk)}),
            "metadata_options": Inner({"http_endpoint": "enabled", "http_tokens": "required",
                                       "http_put_response_hop_limit": 1}),
            "monitoring": Inner({"enabled": True}),
            "tag_specifications": [Inner({"resource_type": one, "tags": site.tags}) for one in ("instance", "volume")],
        },
    )  # fmt: skip


def _group(site: Site, name: str, group: NodeGroup) -> Block:
    template = f"aws_launch_template.{snake(name)}"
    taint = {"key": SPOT, "value": "true", "effect": "NO_SCHEDULE"}
    return resource(
        "aws_eks_node_group",
        snake(name),
        {
            "cluster_name": Raw("aws_eks_cluster.main.name"),
            "node_group_name": name,
            "node_role_arn": Raw("aws_iam_role.nodes.arn"),
            "subnet_ids": subnets(site, "private" if site.stack.security.private_nodes else "public"),
            "version": Raw("aws_eks_cluster.main.version"),
            "instance_types": [group.machine],
            "ami_type": _image(group),
            "capacity_type": "SPOT" if group.spot else "ON_DEMAND",
            "labels": labels(name, group),
            "taint": Inner(taint) if group.spot else None,
            "scaling_config": Inner(
                {"min_size": group.min, "max_size": max(group.min, group.max), "desired_size": group.min}
            ),
            "update_config": Inner({"max_unavailable_percentage": 25}),
            "launch_template": Inner({"id": Raw(f"{template}.id"), "version": Raw(f"{template}.latest_version")}),
            "lifecycle": Inner({"ignore_changes": [Raw("scaling_config[0].desired_size")]}),
            "depends_on": [
                *(Raw(f"aws_iam_role_policy_attachment.nodes_{number}") for number in range(3)),
                Raw("aws_eks_addon.vpc_cni"),
            ],
        },
    )


def _image(group: NodeGroup) -> str:
    arm = GRAVITON.match(group.machine) is not None
    if group.gpu:
        return "AL2023_ARM_64_NVIDIA" if arm else "AL2023_x86_64_NVIDIA"
    return "AL2023_ARM_64_STANDARD" if arm else "AL2023_x86_64_STANDARD"


def _addon(site: Site, addon: str) -> Block:
    first = addon in ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
    waits = [Raw(f"aws_eks_node_group.{snake(name)}") for name in site.cloud.nodes]
    policy = {"enableNetworkPolicy": "true"} if addon == "vpc-cni" else None
    disks = {"role_arn": Raw("aws_iam_role.disks.arn"), "service_account": "ebs-csi-controller-sa"}
    return resource(
        "aws_eks_addon",
        snake(addon),
        {
            "cluster_name": Raw("aws_eks_cluster.main.name"),
            "addon_name": addon,
            "configuration_values": Raw(f'jsonencode({{ enableNetworkPolicy = "{policy["enableNetworkPolicy"]}" }})')
            if policy
            else None,
            "pod_identity_association": Inner(disks) if addon == "aws-ebs-csi-driver" else None,
            "depends_on": None if first or not waits else waits,
        },
    )
