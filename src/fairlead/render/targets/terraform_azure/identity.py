"""Who services are in the cloud: an identity for each that needs one, federated with its account in the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, snake
from fairlead.render.parts.hcl import Block, Raw, resource
from fairlead.render.targets.terraform_azure.settings import GROUP, placed


def of(site: Site) -> Iterator[Block]:
    """Services by what they need, and whoever fetches secrets."""
    for name, (namespace, account) in accounts(site).items():
        key = snake(name)
        yield resource("azurerm_user_assigned_identity", key, placed(site, f"{site.name}-{name}"))
        yield resource(
            "azurerm_federated_identity_credential",
            key,
            {
                "name": name,
                "resource_group_name": GROUP,
                "parent_id": Raw(f"azurerm_user_assigned_identity.{key}.id"),
                "audience": ["api://AzureADTokenExchange"],
                "issuer": Raw("azurerm_kubernetes_cluster.main.oidc_issuer_url"),
                "subject": f"system:serviceaccount:{namespace}:{account}",
            },
        )
    yield may("external-secrets", "secrets", "Key Vault Secrets User", "azurerm_key_vault.main.id")
    for name in site.stack.services:
        for store in _needed(site, name, "objects"):
            container = f"azurerm_storage_account.{snake(store)}.id"
            yield may(name, store, "Storage Blob Data Contributor", container)
        for store in _needed(site, name, "kafka"):
            yield may(name, store, "Azure Event Hubs Data Owner", f"azurerm_eventhub_namespace.{snake(store)}.id")


def accounts(site: Site) -> dict[str, tuple[str, str]]:
    """Identity -> namespace and account in the cluster."""
    found = {"external-secrets": ("external-secrets", "external-secrets")}
    for name in site.stack.services:
        if _needed(site, name, "objects", "kafka"):
            found[name] = (site.namespace, name)
    return found


def may(who: str, what: str, role: str, scope: str) -> Block:
    """A role of an identity."""
    return resource(
        "azurerm_role_assignment",
        snake(f"{who}-{what}"),
        {
            "scope": Raw(scope),
            "role_definition_name": role,
            "principal_id": Raw(f"azurerm_user_assigned_identity.{snake(who)}.principal_id"),
        },
    )


def _needed(site: Site, service: str, *kinds: str) -> list[str]:
    return [name for name, _ in site.stores(*kinds) if service in site.needing(name)]
