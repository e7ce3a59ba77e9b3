"""The managed cluster and its node pools."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.nodes import labels
from fairlead.render.clouds.site import GIB, Site, days, snake
from fairlead.render.cluster.placing import SPOT
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_azure.keys import KEEPER
from fairlead.render.targets.terraform_azure.network import zones
from fairlead.render.targets.terraform_azure.settings import placed
from fairlead.stack.model.platform import NodeGroup

USUAL_VERSION = "1.31"
USUAL_DISK_GIB = 64
LONGEST_POOL = 12
PODS = 60
NO_EPHEMERAL = "checkov:skip=CKV_AZURE_226:not every kind of machine has a disk of its own for it"


def of(site: Site) -> Iterator[Block]:
    """The system runs on the first group whose machines nobody takes away."""
    logs = {"sku": "PerGB2018", "retention_in_days": days(site.stack.watching.logs_keep, least=30, most=730)}
    yield resource("azurerm_log_analytics_workspace", "main", {**placed(site, site.name), **logs})
    encryption = {
        **placed(site, site.name),
        "key_vault_key_id": Raw("azurerm_key_vault_key.main.versionless_id"),
        "auto_key_rotation_enabled": True,
        "identity": Inner({"type": "UserAssigned", "identity_ids": [KEEPER]}),
    }
    yield resource("azurerm_disk_encryption_set", "main", encryption)
    groups = site.cloud.nodes
    first = system(site)
    yield _cluster(site, first, groups[first] if first in groups else NodeGroup(machine="Standard_D2s_v5"))
    yield from (_pool(site, name, group) for name, group in groups.items() if name != first)


def system(site: Site) -> str:
    """The node group of the system."""
    return next((name for name, group in site.cloud.nodes.items() if not group.spot and not group.gpu), "system")


def pool_name(name: str) -> str:
    """Letters and digits, twelve at most."""
    return "".join(letter for letter in name if letter.isalnum())[:LONGEST_POOL]


def _cluster(site: Site, name: str, group: NodeGroup) -> Block:
    access = {"for_each": Raw("length(var.api_access) > 0 ? [1] : []"),
              "content": Inner({"authorized_ip_ranges": Raw("var.api_access")})}  # fmt: skip
    private = site.stack.security.private_nodes
    return resource(
        "azurerm_kubernetes_cluster",
        "main",
        {
            **placed(site, site.name),
            "dns_prefix": site.name,
            "kubernetes_version": site.cloud.kubernetes or USUAL_VERSION,
            "sku_tier": "Standard",
            "automatic_upgrade_channel": "patch",
            "node_os_upgrade_channel": "NodeImage",
            "private_cluster_enabled": Raw("length(var.api_access) == 0"),
            "local_account_disabled": True,
            "oidc_issuer_enabled": True,
            "workload_identity_enabled": True,
            "azure_policy_enabled": True,
            "disk_encryption_set_id": Raw("azurerm_disk_encryption_set.main.id"),
            "dynamic": Inner(access, ("api_server_access_profile",)),
            "default_node_pool": Inner(
                {
                    "name": pool_name(name),
                    **_machines(site, name, group),
                    "only_critical_addons_enabled": False,
                    "temporary_name_for_rotation": "rotation",
                    "upgrade_settings": Inner({"max_surge": "33%"}),
                }
            ),
            "identity": Inner({"type": "UserAssigned", "identity_ids": [KEEPER]}),
            "azure_active_directory_role_based_access_control": Inner({"azure_rbac_enabled": True}),
            "network_profile": Inner(
                {
                    "network_plugin": "azure",
                    "network_plugin_mode": "overlay",
                    "network_policy": "cilium",
                    "network_data_plane": "cilium",
                    "load_balancer_sku": "standard",
                    "outbound_type": "userAssignedNATGateway" if private else "loadBalancer",
                }
            ),
            "key_vault_secrets_provider": Inner({"secret_rotation_enabled": True}),
            "oms_agent": Inner(
                {
                    "log_analytics_workspace_id": Raw("azurerm_log_analytics_workspace.main.id"),
                    "msi_auth_for_monitoring_enabled": True,
                }
            ),
        },
        notes=[
            NO_EPHEMERAL,
            "checkov:skip=CKV_AZURE_232:two or three machines would run the system and nothing else",
            "checkov:skip=CKV_AZURE_115:private without var.api_access",
            "checkov:skip=CKV_AZURE_6:only the networks of var.api_access reach it",
        ],
    )


def _machines(site: Site, name: str, group: NodeGroup) -> dict[str, object]:
    return {
        "vm_size": group.machine,
        "auto_scaling_enabled": True,
        "min_count": group.min,
        "max_count": max(group.min, group.max),
        "max_pods": PODS,
        "os_disk_size_gb": -(-group.disk // GIB) if group.disk else USUAL_DISK_GIB,
        "host_encryption_enabled": True,
        "node_public_ip_enabled": not site.stack.security.private_nodes,
        "node_labels": labels(name, group),
        "vnet_subnet_id": Raw("azurerm_subnet.nodes.id"),
        "zones": zones(site),
        "tags": Raw("local.tags"),
    }


def _pool(site: Site, name: str, group: NodeGroup) -> Block:
    spot = {
        "priority": "Spot",
        "eviction_policy": "Delete",
        "spot_max_price": -1,
        "node_taints": [f"{SPOT}=true:NoSchedule"],
    }
    surge = Inner({"max_surge": "33%"})
    return resource(
        "azurerm_kubernetes_cluster_node_pool",
        snake(name),
        {
            "name": pool_name(name),
            "kubernetes_cluster_id": Raw("azurerm_kubernetes_cluster.main.id"),
            **_machines(site, name, group),
            **(spot if group.spot else {"upgrade_settings": surge}),
        },
        notes=[NO_EPHEMERAL],
    )
