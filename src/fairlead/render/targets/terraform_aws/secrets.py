"""Entries of Secrets Manager: the addresses of managed stores, and empty ones for secrets that people put in."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, snake
from fairlead.render.clouds.variables import password
from fairlead.render.parts.hcl import Block, Raw, json_of, resource, template
from fairlead.render.targets.terraform_aws.network import KEY
from fairlead.stack.model.store import Store

RECOVERY_DAYS = 7
NOT_TURNED = "checkov:skip=CKV2_AWS_57:AWS can't make a new value of it: `fairlead secrets` and the runbook replace it"


def of(site: Site) -> Iterator[Block]:
    """By the names that External Secrets in the cluster asks for."""
    for name, store in site.stores("postgres", "redis", "kafka", "elasticsearch", "opensearch", "objects"):
        key = snake(name)
        yield _entry(key, f"{site.namespace}/{name}", f"How services reach {name}")
        where = {"secret_id": Raw(f"aws_secretsmanager_secret.{key}.id")}
        if store.kind == "postgres":
            value = {
                "secret_string_wo": json_of(_postgres(name, store, site)),
                "secret_string_wo_version": Raw("var.passwords_version"),
            }
        else:
            value = {"secret_string": json_of({"url": _address(site, name, store)})}
        yield resource("aws_secretsmanager_secret_version", key, {**where, **value})
    for path, secret in site.managed_secrets().items():
        rotate = {"rotate-after-days": str(max(1, round(secret.rotate / 86400)))} if secret.rotate else {}
        yield _entry(snake(path), path, secret.description or "Its value is put in by hand", rotate)


def _entry(key: str, name: str, description: str, tags: dict[str, str] | None = None) -> Block:
    return resource(
        "aws_secretsmanager_secret",
        key,
        {
            "name": name,
            "description": description,
            "kms_key_id": KEY,
            "recovery_window_in_days": RECOVERY_DAYS,
            "tags": tags or None,
        },
        notes=[NOT_TURNED],
    )


def _postgres(name: str, store: Store, site: Site) -> dict[str, object]:
    """What the pooler reads too."""
    key, user = snake(name), store.database.replace("-", "_")
    pooled = store.pooling is not None and site.is_first
    host = f"aws_db_proxy.{key}.endpoint" if pooled else f"aws_db_instance.{key}.address"
    word = password(name)
    return {
        "username": user,
        "password": Raw(word),
        "url": Raw(f'"postgresql://{user}:${{urlencode({word})}}@${{{host}}}:5432/{user}?sslmode=require"'),
    }


def _address(site: Site, name: str, store: Store) -> Raw:
    key = snake(name)
    token = f'urlencode(lookup(var.tokens, "{name}", ""))'
    match store.kind:
        case "redis":
            host = f"${{aws_elasticache_replication_group.{key}.primary_endpoint_address}}"
            return Raw(f'"rediss://:${{{token}}}@{host}:6379/0"')
        case "kafka":
            return template(f"kafka+iam://${{aws_msk_cluster.{key}.bootstrap_brokers_sasl_iam}}")
        case "objects":
            return template(f"s3://${{aws_s3_bucket.{key}.id}}?region={site.region}")
        case _:
            user = name.replace("-", "_")
            return Raw(f'"https://{user}:${{{token}}}@${{aws_opensearch_domain.{key}.endpoint}}"')
