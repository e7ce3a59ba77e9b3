"""What the next step asks for, and what `terraform test` says of a site."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.proof import asserted, run
from fairlead.render.clouds.site import Site, snake
from fairlead.render.parts.hcl import Block, Inner, output
from fairlead.render.targets.terraform_azure.cluster import system
from fairlead.render.targets.terraform_azure.identity import accounts
from fairlead.render.targets.terraform_azure.keys import ROTATED

AKS, GROUP = "azurerm_kubernetes_cluster.main", "azurerm_resource_group.main"


def of(site: Site) -> Iterator[Block]:
    """Addresses with passwords are in the vault, not here."""
    yield output("cluster", f"{AKS}.name", "The name of the cluster.")
    fetch = f'"az aks get-credentials --resource-group ${{{GROUP}.name}} --name ${{{AKS}.name}}"'
    yield output("kubeconfig", fetch, "The command that makes kubectl reach the cluster.")
    ids = ", ".join(f"{name} = azurerm_user_assigned_identity.{snake(name)}.client_id" for name in accounts(site))
    about = "Account in the cluster -> the value of its annotation `azure.workload.identity/client-id`."
    yield output("identities", f"{{ {ids} }}", about)
    if databases := [name for name, _ in site.stores("postgres")]:
        each = ", ".join(f"{name} = azurerm_postgresql_flexible_server.{snake(name)}.id" for name in databases)
        yield output("databases", f"{{ {each} }}", "The databases, for a further region that reads from them.")
    if site.cloud.domain and site.is_first:
        yield output("name_servers", "azurerm_dns_zone.main.name_servers", "What the zone above has to name.")


def proof(site: Site) -> Iterator[Block]:
    """A plan, with Azure mocked."""
    nobody = "00000000-0000-0000-0000-000000000000"
    given: dict[str, object] = {"subscription": nobody, "unique": "a1b2c3"}
    if not site.is_first and site.has("postgres"):
        given["writers"] = {name: f"/subscriptions/{nobody}/{name}" for name, _ in site.stores("postgres")}
    me = Inner({"defaults": {"tenant_id": nobody, "object_id": nobody}}, ("azurerm_client_config",))
    yield Block("mock_provider", ("azurerm",), {"mock_data": me})
    yield Block("variables", (), given)
    yield run("plan", list(_asserts(site)))


def _asserts(site: Site) -> Iterator[Inner]:
    yield asserted(f'{AKS}.name == "{site.name}"', "the cluster has another name than the stack and environment")
    yield asserted(f"{AKS}.private_cluster_enabled", "the cluster's API is open to all")
    turned = "azurerm_key_vault_key.main.rotation_policy[0].automatic[0].time_after_creation"
    yield asserted(f'{turned} == "{ROTATED[site.stack.security.key_service]}"', "the key is not rotated as asked")
    for name, group in site.cloud.nodes.items():
        own = f"azurerm_kubernetes_cluster_node_pool.{snake(name)}"
        pool = f"{AKS}.default_node_pool[0]" if name == system(site) else own
        yield asserted(f"{pool}.min_count == {group.min}", f"{name} has another least number of machines")
    for name, _ in site.stores("postgres"):
        server = f"azurerm_postgresql_flexible_server.{snake(name)}"
        yield asserted(f"!{server}.public_network_access_enabled", f"{name} can be reached from outside")
    for name, _ in site.stores("objects"):
        account = f"azurerm_storage_account.{snake(name)}"
        yield asserted(f"!{account}.public_network_access_enabled", f"{name} can be reached from outside")
