"""The managed cluster and its node pools."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.nodes import labels
from fairlead.render.clouds.site import GIB, Site, snake
from fairlead.render.cluster.placing import SPOT
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_gcp.keys import KEY, MAY
from fairlead.render.targets.terraform_gcp.network import NETWORK, SUBNET
from fairlead.stack.model.platform import NodeGroup

USUAL_VERSION = "1.31"
USUAL_DISK_GIB = 50
CONTROL_PLANE = "172.16.0.0/28"
GPUS = {"g2": "nvidia-l4", "a2": "nvidia-tesla-a100", "a3": "nvidia-h100-80gb"}
"""Family of machines -> its accelerator; others take a T4."""


def of(site: Site) -> Iterator[Block]:
    """Its own account for machines, which may write logs and fetch images and no more."""
    yield resource("google_service_account", "nodes", {"account_id": f"{site.name}-nodes"[:30].rstrip("-")})
    for number, role in enumerate(("container.defaultNodeServiceAccount", "artifactregistry.reader")):
        member = Raw('"serviceAccount:${google_service_account.nodes.email}"')
        body = {"project": Raw("var.project"), "role": f"roles/{role}", "member": member}
        yield resource("google_project_iam_member", f"nodes_{number}", body)
    yield _cluster(site)
    yield from (_pool(site, name, group) for name, group in site.cloud.nodes.items())


def _cluster(site: Site) -> Block:
    networks = Inner({"for_each": Raw("var.api_access"), "content": Inner({"cidr_block": Raw("cidr_blocks.value")})},
                     ("cidr_blocks",))  # fmt: skip
    return resource(
        "google_container_cluster",
        "main",
        {
            "name": site.name,
            "location": site.region,
            "node_locations": Raw("var.zones"),
            "min_master_version": site.cloud.kubernetes or USUAL_VERSION,
            "network": NETWORK,
            "subnetwork": SUBNET,
            "networking_mode": "VPC_NATIVE",
            "datapath_provider": "ADVANCED_DATAPATH",
            "enable_intranode_visibility": True,
            "enable_shielded_nodes": True,
            "remove_default_node_pool": True,
            "initial_node_count": 1,
            "deletion_protection": True,
            "depends_on": MAY,
            "resource_labels": {"environment": site.environment},
            "release_channel": Inner({"channel": "REGULAR"}),
            "ip_allocation_policy": Inner(
                {"cluster_secondary_range_name": "pods", "services_secondary_range_name": "services"}
            ),
            "private_cluster_config": Inner(
                {
                    "enable_private_nodes": site.stack.security.private_nodes,
                    "enable_private_endpoint": Raw("length(var.api_access) == 0"),
                    "master_ipv4_cidr_block": CONTROL_PLANE,
                }
            ),
            "master_authorized_networks_config": Inner({"dynamic": networks}),
            "master_auth": Inner({"client_certificate_config": Inner({"issue_client_certificate": False})}),
            "workload_identity_config": Inner({"workload_pool": Raw('"${var.project}.svc.id.goog"')}),
            "database_encryption": Inner({"state": "ENCRYPTED", "key_name": KEY}),
            "binary_authorization": Inner({"evaluation_mode": "PROJECT_SINGLETON_POLICY_ENFORCE"}),
            "node_config": Inner(_machine_rules()),
            "gateway_api_config": Inner({"channel": "CHANNEL_STANDARD"}),
        },
        notes=[
            "checkov:skip=CKV_GCP_12:Dataplane V2 enforces network policies itself",
            "checkov:skip=CKV_GCP_65:groups of Google Workspace are not every user's",
            *_public(site),
        ],
    )


def _public(site: Site) -> list[str]:
    if site.stack.security.private_nodes:
        return []
    why = "the stack file says that machines have public addresses (private_nodes)"
    return [f"checkov:skip=CKV_GCP_64:{why}"]


def _machine_rules() -> dict[str, object]:
    """What every machine keeps to, also the first one that is taken away."""
    return {
        "service_account": Raw("google_service_account.nodes.email"),
        "oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],
        "metadata": {"disable-legacy-endpoints": "true"},
        "workload_metadata_config": Inner({"mode": "GKE_METADATA"}),
        "shielded_instance_config": Inner({"enable_secure_boot": True, "enable_integrity_monitoring": True}),
    }


def _pool(site: Site, name: str, group: NodeGroup) -> Block:
    family = group.machine.partition("-")[0]
    gpu = {
        "type": GPUS.get(family, "nvidia-tesla-t4"),
        "count": group.gpu,
        "gpu_driver_installation_config": Inner({"gpu_driver_version": "DEFAULT"}),
    }
    taint = {"key": SPOT, "value": "true", "effect": "NO_SCHEDULE"}
    machine = {
        "machine_type": group.machine,
        "spot": group.spot,
        "disk_size_gb": -(-group.disk // GIB) if group.disk else USUAL_DISK_GIB,
        "disk_type": "pd-balanced",
        "boot_disk_kms_key": KEY,
        "labels": labels(name, group),
        **_machine_rules(),
        "guest_accelerator": Inner(gpu) if group.gpu else None,
        "taint": Inner(taint) if group.spot else None,
    }
    bounds = {"total_min_node_count": group.min, "total_max_node_count": max(group.min, group.max),
              "location_policy": "ANY" if group.spot else "BALANCED"}  # fmt: skip
    return resource(
        "google_container_node_pool",
        snake(name),
        {
            "name": name,
            "cluster": Raw("google_container_cluster.main.id"),
            "autoscaling": Inner(bounds),
            "management": Inner({"auto_repair": True, "auto_upgrade": True}),
            "upgrade_settings": Inner({"max_surge": 1, "max_unavailable": 0}),
            "node_config": Inner(machine),
        },
    )
