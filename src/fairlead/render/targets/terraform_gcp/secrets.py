"""Entries of Secret Manager: the addresses of managed stores, and empty ones for secrets that people put in."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.secretnames import manager_key
from fairlead.render.clouds.site import Site, snake
from fairlead.render.clouds.variables import password
from fairlead.render.parts.hcl import Block, Inner, Raw, json_of, resource, template
from fairlead.render.targets.terraform_gcp.identity import member
from fairlead.render.targets.terraform_gcp.keys import KEY, MAY
from fairlead.stack.model.store import Store


def of(site: Site) -> Iterator[Block]:
    """By the names that External Secrets in the cluster asks for, which may read these and no others."""
    for name, store in site.stores("postgres", "redis", "kafka", "objects"):
        key = snake(name)
        yield from _entry(site, key, f"{site.namespace}/{name}")
        body = {"secret": Raw(f"google_secret_manager_secret.{key}.id")}
        value = json_of({"url": _address(site, name, store)})
        if store.kind == "postgres":
            body |= {"secret_data_wo": value, "secret_data_wo_version": Raw("var.passwords_version")}
        else:
            body |= {"secret_data": value}
        yield resource("google_secret_manager_secret_version", key, body)
    for path, secret in site.managed_secrets().items():
        told = {"rotate-after-days": str(max(1, round(secret.rotate / 86400)))} if secret.rotate else {}
        yield from _entry(site, snake(path), path, told | ({"about": secret.description} if secret.description else {}))


def _entry(site: Site, key: str, name: str, annotations: dict[str, str] | None = None) -> Iterator[Block]:
    encrypted = Inner({"kms_key_name": KEY})
    replica = Inner({"location": site.region, "customer_managed_encryption": encrypted})
    yield resource(
        "google_secret_manager_secret",
        key,
        {
            "secret_id": manager_key("gcp", name),
            "annotations": annotations or None,
            "depends_on": [*MAY, Raw("google_project_service.secretmanager")],
            "replication": Inner({"user_managed": Inner({"replicas": replica})}),
        },
    )
    yield resource(
        "google_secret_manager_secret_iam_member",
        key,
        {
            "secret_id": Raw(f"google_secret_manager_secret.{key}.id"),
            "role": "roles/secretmanager.secretAccessor",
            "member": member("external-secrets", "external-secrets"),
        },
    )


def _address(site: Site, name: str, store: Store) -> Raw:
    key = snake(name)
    match store.kind:
        case "postgres":
            user, port = store.database.replace("-", "_"), 6432 if store.pooling and site.is_first else 5432
            host = f"${{google_sql_database_instance.{key}.private_ip_address}}:{port}"
            return Raw(f'"postgresql://{user}:${{urlencode({password(name)})}}@{host}/{user}?sslmode=require"')
        case "redis":
            at = f"google_redis_instance.{key}"
            return template(f"rediss://:${{{at}.auth_string}}@${{{at}.host}}:${{{at}.port}}/0")
        case "kafka":
            cluster = f"google_managed_kafka_cluster.{key}.cluster_id"
            return template(
                f"kafka+iam://bootstrap.${{{cluster}}}.{site.region}.managedkafka.${{var.project}}.cloud.goog:9092"
            )
        case _:
            return template(f"gs://${{google_storage_bucket.{key}.name}}")
