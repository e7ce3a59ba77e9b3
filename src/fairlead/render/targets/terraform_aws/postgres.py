"""Postgres by RDS: in two zones, with the log of changes, replicas that read, and a pooler in front."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, days, gib, snake
from fairlead.render.clouds.variables import password
from fairlead.render.parts.hcl import Block, Inner, Raw, json_of, resource
from fairlead.render.parts.surroundings import text
from fairlead.render.targets.terraform_aws.network import KEY, inside, subnets, trust
from fairlead.render.targets.terraform_aws.sizes import database
from fairlead.stack.model.store import Store

PORT = 5432
USUAL_VERSION = "16"
USUAL_GIB = 20
GROWS = 4
DISKS = {"ssd": "gp3", "hdd": "standard"}


def of(site: Site) -> Iterator[Block]:
    """Each database; in a further region, one that reads from the first."""
    stores = list(site.stores("postgres"))
    if not stores:
        return
    body = {"name": f"{site.name}-postgres", "subnet_ids": subnets(site, "data")}
    yield resource("aws_db_subnet_group", "main", body)
    yield resource(
        "aws_iam_role",
        "database_watch",
        {"name": f"{site.name}-{site.region}-rds", "assume_role_policy": trust("monitoring.rds.amazonaws.com")},
    )
    policy = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    watch = {"role": Raw("aws_iam_role.database_watch.name"), "policy_arn": policy}
    yield resource("aws_iam_role_policy_attachment", "database_watch", watch)
    for name, store in stores:
        yield inside(site, snake(name), PORT)
        yield _parameters(site, name, store)
        yield _first(site, name, store) if site.is_first else _reader(site, name, store, Raw(f'var.writers["{name}"]'))
        if site.is_first:
            for number in range(store.read_replicas):
                yield _reader(site, name, store, Raw(f"aws_db_instance.{snake(name)}.identifier"), number)
        if store.pooling and site.is_first:
            yield from _pooler(site, name, store)


def _parameters(site: Site, name: str, store: Store) -> Block:
    told = {"rds.force_ssl": "1", "log_min_duration_statement": "1000", "log_statement": "ddl"}
    told |= {key: text(value) for key, value in store.settings.items()}
    parameters = [Inner({"name": key, "value": value, "apply_method": "pending-reboot"}) for key, value in told.items()]
    return resource(
        "aws_db_parameter_group",
        snake(name),
        {
            "name": f"{site.name}-{name}",
            "family": f"postgres{(store.version or USUAL_VERSION).partition('.')[0]}",
            "parameter": parameters,
        },
    )


def _shared(site: Site, name: str, store: Store) -> dict[str, object]:
    return {
        "instance_class": database(store.resources),
        "storage_type": DISKS[store.storage],
        "storage_encrypted": True,
        "kms_key_id": KEY,
        "parameter_group_name": Raw(f"aws_db_parameter_group.{snake(name)}.name"),
        "vpc_security_group_ids": [Raw(f"aws_security_group.{snake(name)}.id")],
        "iam_database_authentication_enabled": True,
        "auto_minor_version_upgrade": True,
        "copy_tags_to_snapshot": True,
        "deletion_protection": True,
        "publicly_accessible": False,
        "enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"],
        "performance_insights_enabled": True,
        "performance_insights_kms_key_id": KEY,
        "monitoring_interval": 60,
        "monitoring_role_arn": Raw("aws_iam_role.database_watch.arn"),
        "tags": {"fairlead-store": name},
    }


def _first(site: Site, name: str, store: Store) -> Block:
    policy = site.policy(store)
    disk = gib(store, USUAL_GIB)
    return resource(
        "aws_db_instance",
        snake(name),
        {
            "identifier": f"{site.name}-{name}",
            "engine": "postgres",
            "engine_version": store.version or USUAL_VERSION,
            "db_name": store.database.replace("-", "_"),
            "username": store.database.replace("-", "_"),
            "password_wo": Raw(password(name)),
            "password_wo_version": Raw("var.passwords_version"),
            "allocated_storage": disk,
            "max_allocated_storage": disk * GROWS,
            "multi_az": store.replicas > 1 or store.read_replicas > 0,
            "db_subnet_group_name": Raw("aws_db_subnet_group.main.name"),
            "backup_retention_period": days(policy.keep, most=35) if policy else 1,
            "final_snapshot_identifier": f"{site.name}-{name}-last",
            **_shared(site, name, store),
        },
        notes=[]
        if store.replicas > 1 or store.read_replicas > 0
        else ["checkov:skip=CKV_AWS_157:the stack file asks for one server (stores.*.replicas)"],
    )


def _reader(site: Site, name: str, store: Store, writer: Raw, number: int | None = None) -> Block:
    here = number is None
    return resource(
        "aws_db_instance",
        snake(name) if here else f"{snake(name)}_reader_{number}",
        {
            "identifier": f"{site.name}-{name}" + ("" if here else f"-reader-{number}"),
            "replicate_source_db": writer,
            "db_subnet_group_name": Raw("aws_db_subnet_group.main.name") if here else None,
            "multi_az": store.replicas > 1,
            "skip_final_snapshot": True,
            **_shared(site, name, store),
        },
        notes=[]
        if store.replicas > 1
        else ["checkov:skip=CKV_AWS_157:a server that only reads is replaced by the others"],
    )


def _pooler(site: Site, name: str, store: Store) -> Iterator[Block]:
    """RDS Proxy; it reads the password from the secret that services read their address from."""
    key = snake(name)
    reads = {
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue"],
        "Resource": Raw(f"aws_secretsmanager_secret.{key}.arn"),
    }
    opens = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": KEY}
    policy = json_of({"Version": "2012-10-17", "Statement": [reads, opens]})
    body = {"name": f"{site.name}-{site.region}-{name}-pool", "assume_role_policy": trust("rds.amazonaws.com")}
    yield resource("aws_iam_role", f"{key}_pool", body)
    yield resource("aws_iam_role_policy", f"{key}_pool", {"role": Raw(f"aws_iam_role.{key}_pool.id"), "policy": policy})
    login = {
        "auth_scheme": "SECRETS",
        "iam_auth": "DISABLED",
        "secret_arn": Raw(f"aws_secretsmanager_secret.{key}.arn"),
    }
    yield resource(
        "aws_db_proxy",
        key,
        {
            "name": f"{site.name}-{name}",
            "engine_family": "POSTGRESQL",
            "require_tls": True,
            "role_arn": Raw(f"aws_iam_role.{key}_pool.arn"),
            "vpc_subnet_ids": subnets(site, "data"),
            "vpc_security_group_ids": [Raw(f"aws_security_group.{key}.id")],
            "auth": Inner(login),
        },
    )
    share = {"max_connections_percent": 90, "max_idle_connections_percent": 50, "connection_borrow_timeout": 30}
    yield resource(
        "aws_db_proxy_default_target_group",
        key,
        {"db_proxy_name": Raw(f"aws_db_proxy.{key}.name"), "connection_pool_config": Inner(share)},
    )
    yield resource(
        "aws_db_proxy_target",
        key,
        {
            "db_proxy_name": Raw(f"aws_db_proxy.{key}.name"),
            "target_group_name": Raw(f"aws_db_proxy_default_target_group.{key}.name"),
            "db_instance_identifier": Raw(f"aws_db_instance.{key}.identifier"),
        },
    )
