"""Object storage: an account and a container for each store, and for each place that backups are put into."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, days, snake
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_azure.keys import KEEPER
from fairlead.render.targets.terraform_azure.network import endpoint, private_zone
from fairlead.render.targets.terraform_azure.settings import placed, unique

OLDER_DAYS = 90


def of(site: Site) -> Iterator[Block]:
    """Over the zones; in two regions where the stack asks for a second one."""
    found = [(snake(name), name, store.versioning, {"": days(store.expire)} if store.expire is not None else {})
             for name, store in site.stores("objects")]  # fmt: skip
    if site.is_first:
        found += [
            (f"backup_{snake(name)}", name, True, {prefix: days(span) for prefix, span in keep.items()})
            for name, keep in site.backup_buckets().items()
        ]
    if found:
        yield from private_zone(site, "blob_names", "privatelink.blob.core.windows.net")
    for key, name, versioned, expires in found:
        yield _account(site, key, name, versioned)
        yield _lifecycle(key, name, expires)
        container = {"name": name[:63], "storage_account_id": Raw(f"azurerm_storage_account.{key}.id")}
        notes = ["checkov:skip=CKV2_AZURE_21:the account's own log tells who asked"]
        yield resource("azurerm_storage_container", key, container, notes=notes)
        yield endpoint(site, key, f"azurerm_storage_account.{key}.id", "blob", "blob_names")


def _account(site: Site, key: str, name: str, versioned: bool) -> Block:
    blobs = {
        "versioning_enabled": versioned,
        "delete_retention_policy": Inner({"days": 30}),
        "container_delete_retention_policy": Inner({"days": 30}),
    }
    own = {"key_vault_key_id": Raw("azurerm_key_vault_key.main.id"), "user_assigned_identity_id": KEEPER}
    copied = bool(site.elsewhere and site.is_first)
    return resource(
        "azurerm_storage_account",
        key,
        {
            **placed(site, unique(site, name)),
            "account_tier": "Standard",
            "account_replication_type": "GZRS" if copied else "ZRS",
            "min_tls_version": "TLS1_2",
            "https_traffic_only_enabled": True,
            "shared_access_key_enabled": False,
            "local_user_enabled": False,
            "allow_nested_items_to_be_public": False,
            "public_network_access_enabled": False,
            "infrastructure_encryption_enabled": True,
            "depends_on": [Raw("azurerm_role_assignment.keeper")],
            "blob_properties": Inner(blobs),
            "identity": Inner({"type": "UserAssigned", "identity_ids": [KEEPER]}),
            "customer_managed_key": Inner(own),
            "sas_policy": Inner({"expiration_period": "01.00:00:00"}),
            "network_rules": Inner({"default_action": "Deny", "bypass": ["AzureServices"]}),
        },
        notes=[
            "checkov:skip=CKV_AZURE_33:nobody uses its queues",
            *([] if copied else ["checkov:skip=CKV_AZURE_206:over three zones: no second region is named for it"]),
        ],
    )


def _lifecycle(key: str, name: str, expires: dict[str, int]) -> Block:
    older = {"version": Inner({"delete_after_days_since_creation": OLDER_DAYS})}
    rules = [_rule("tidy", {}, older)]
    for prefix, after in expires.items():
        base = {"base_blob": Inner({"delete_after_days_since_modification_greater_than": after})}
        where = {"prefix_match": [f"{name[:63]}/{prefix}/"]} if prefix else {}
        rules.append(_rule(f"expire-{prefix}".replace("/", "-").rstrip("-"), where, base))
    return resource(
        "azurerm_storage_management_policy",
        key,
        {"storage_account_id": Raw(f"azurerm_storage_account.{key}.id"), "rule": rules},
    )


def _rule(name: str, where: dict[str, list[str]], actions: dict[str, Inner]) -> Inner:
    filters = Inner({"blob_types": ["blockBlob"], **where})
    return Inner({"name": name, "enabled": True, "filters": filters, "actions": Inner(actions)})
