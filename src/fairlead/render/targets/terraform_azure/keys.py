"""The vault, and the key in it that everything at rest is encrypted with."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_azure.network import endpoint, private_zone
from fairlead.render.targets.terraform_azure.settings import placed, unique

ROTATED = {True: "P90D", False: "P365D"}
"""With `security.key_service`, and without."""

KEY = Raw("azurerm_key_vault_key.main.id")
KEEPER = Raw("azurerm_user_assigned_identity.keeper.id")


def of(site: Site) -> Iterator[Block]:
    """One for each region."""
    yield resource(
        "azurerm_key_vault",
        "main",
        {
            **placed(site, unique(site, "kv")),
            "tenant_id": Raw("data.azurerm_client_config.me.tenant_id"),
            "sku_name": "premium",
            "rbac_authorization_enabled": True,
            "purge_protection_enabled": True,
            "soft_delete_retention_days": 90,
            "public_network_access_enabled": Raw("length(var.api_access) > 0"),
            "network_acls": Inner(
                {"default_action": "Deny", "bypass": "AzureServices", "ip_rules": Raw("var.api_access")}
            ),
        },
        notes=["checkov:skip=CKV_AZURE_189:only the networks of var.api_access reach it, and nobody without any"],
    )
    yield from private_zone(site, "vault", "privatelink.vaultcore.azure.net")
    yield endpoint(site, "vault", "azurerm_key_vault.main.id", "vault", "vault")
    yield _role("me", "Key Vault Administrator", "data.azurerm_client_config.me.object_id")
    options = ["decrypt", "encrypt", "sign", "unwrapKey", "verify", "wrapKey"]
    turned = ROTATED[site.stack.security.key_service]
    yield resource(
        "azurerm_key_vault_key",
        "main",
        {
            "name": "data",
            "key_vault_id": Raw("azurerm_key_vault.main.id"),
            "key_type": "RSA-HSM",
            "key_size": 3072,
            "key_opts": options,
            "depends_on": [Raw("azurerm_role_assignment.me")],
            "rotation_policy": Inner(
                {
                    "expire_after": "P730D",
                    "notify_before_expiry": "P30D",
                    "automatic": Inner({"time_after_creation": turned}),
                }
            ),
        },
        notes=["checkov:skip=CKV_AZURE_40:a key that ends takes the data with it; it is rotated instead"],
    )
    yield resource("azurerm_user_assigned_identity", "keeper", placed(site, f"{site.name}-keeper"))
    principal = "azurerm_user_assigned_identity.keeper.principal_id"
    yield _role("keeper", "Key Vault Crypto Service Encryption User", principal)


def _role(key: str, name: str, principal: str) -> Block:
    return resource(
        "azurerm_role_assignment",
        key,
        {
            "scope": Raw("azurerm_key_vault.main.id"),
            "role_definition_name": name,
            "principal_id": Raw(principal),
        },
    )
