"""Entries of the vault: the addresses of managed stores, and ones for secrets that people put in."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.secretnames import manager_key
from fairlead.render.clouds.site import Site, snake
from fairlead.render.clouds.variables import UNSET, password
from fairlead.render.parts.hcl import Block, Raw, json_of, resource, template
from fairlead.stack.model.store import Store

NO_END = "checkov:skip=CKV_AZURE_41:a secret that ends takes the service with it; the runbook replaces it"


def of(site: Site) -> Iterator[Block]:
    """By the names that External Secrets in the cluster asks for."""
    body: dict[str, object]
    for name, store in site.stores("postgres", "redis", "kafka", "objects"):
        value = json_of({"url": _address(site, name, store)})
        if store.kind == "postgres":
            body = {"value_wo": value, "value_wo_version": Raw("var.passwords_version")}
        else:
            body = {"value": value}
        yield _entry(snake(name), f"{site.namespace}/{name}", f"how services reach {name}", body)
    for path, secret in site.managed_secrets().items():
        # a value that somebody puts in later is not looked at again
        body = {"value_wo": UNSET, "value_wo_version": 1}
        if secret.rotate:
            body["tags"] = {"rotate-after-days": str(max(1, round(secret.rotate / 86400)))}
        yield _entry(snake(path), path, secret.description or "put in by hand", body)


def _entry(key: str, name: str, about: str, body: dict[str, object]) -> Block:
    return resource(
        "azurerm_key_vault_secret",
        key,
        {
            "name": manager_key("azure", name),
            "key_vault_id": Raw("azurerm_key_vault.main.id"),
            "content_type": about,
            **body,
            "depends_on": [Raw("azurerm_role_assignment.me")],
        },
        notes=[NO_END],
    )


def _address(site: Site, name: str, store: Store) -> Raw:
    key = snake(name)
    match store.kind:
        case "postgres":
            user, port = store.database.replace("-", "_"), 6432 if store.pooling and site.is_first else 5432
            host = f"${{azurerm_postgresql_flexible_server.{key}.fqdn}}:{port}"
            return Raw(f'"postgresql://{user}:${{urlencode({password(name)})}}@{host}/{user}?sslmode=require"')
        case "redis":
            at = f"azurerm_redis_cache.{key}"
            return Raw(f'"rediss://:${{urlencode({at}.primary_access_key)}}@${{{at}.hostname}}:${{{at}.ssl_port}}/0"')
        case "kafka":
            return template(f"kafka+oauth://${{azurerm_eventhub_namespace.{key}.name}}.servicebus.windows.net:9093")
        case _:
            return template(f"${{azurerm_storage_account.{key}.primary_blob_endpoint}}{name}")
