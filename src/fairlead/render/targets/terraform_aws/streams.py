"""Redis by ElastiCache, Kafka by MSK and search by OpenSearch: encrypted on the way and at rest, over the zones."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site, days, gib, snake
from fairlead.render.parts.hcl import Block, Inner, Raw, json_of, resource, template
from fairlead.render.parts.surroundings import text
from fairlead.render.targets.terraform_aws.network import KEY, inside, log_group, subnets
from fairlead.render.targets.terraform_aws.sizes import broker, cache, search
from fairlead.stack.model.store import Store

REDIS_PORT, KAFKA_PORT, SEARCH_PORT = 6379, 9098, 443
USUAL_REDIS, USUAL_KAFKA, USUAL_SEARCH = "7", "3.8.x", "2.17"
USUAL_GIB = 20
LONGEST_DOMAIN = 28


def of(site: Site) -> Iterator[Block]:
    """Each with its firewall and settings."""
    for name, store in site.stores("redis"):
        yield inside(site, snake(name), REDIS_PORT)
        yield from _redis(site, name, store)
    for name, store in site.stores("kafka"):
        yield inside(site, snake(name), KAFKA_PORT)
        yield from _kafka(site, name, store)
    for name, store in site.stores("elasticsearch", "opensearch"):
        yield inside(site, snake(name), SEARCH_PORT)
        yield from _search(site, name, store)


def _redis(site: Site, name: str, store: Store) -> Iterator[Block]:
    key, major = snake(name), (store.version or USUAL_REDIS).partition(".")[0]
    told = {"maxmemory-policy": "allkeys-lru", **{option: text(value) for option, value in store.settings.items()}}
    yield resource(
        "aws_elasticache_subnet_group", key, {"name": f"{site.name}-{name}", "subnet_ids": subnets(site, "data")}
    )
    parameters = [Inner({"name": option, "value": value}) for option, value in told.items()]
    yield resource(
        "aws_elasticache_parameter_group",
        key,
        {"name": f"{site.name}-{name}", "family": f"redis{major}", "parameter": parameters},
    )
    policy, several = site.policy(store), store.replicas + store.read_replicas > 1
    yield resource(
        "aws_elasticache_replication_group",
        key,
        {
            "replication_group_id": f"{site.name}-{name}"[:40].rstrip("-"),
            "description": f"{name} of {site.name}",
            "engine": "redis",
            "engine_version": store.version if store.version and "." in store.version else f"{major}.1",
            "node_type": cache(store.resources),
            "num_cache_clusters": store.replicas + store.read_replicas,
            "automatic_failover_enabled": several,
            "multi_az_enabled": several,
            "subnet_group_name": Raw(f"aws_elasticache_subnet_group.{key}.name"),
            "security_group_ids": [Raw(f"aws_security_group.{key}.id")],
            "parameter_group_name": Raw(f"aws_elasticache_parameter_group.{key}.name"),
            "at_rest_encryption_enabled": True,
            "kms_key_id": KEY,
            "transit_encryption_enabled": True,
            "auth_token": Raw(f'lookup(var.tokens, "{name}", null)'),
            "snapshot_retention_limit": days(policy.keep, most=35) if policy else 0,
            "auto_minor_version_upgrade": True,
        },
        notes=[] if several else ["checkov:skip=CKV2_AWS_50:the stack file asks for one server (stores.*.replicas)"],
    )


def _kafka(site: Site, name: str, store: Store) -> Iterator[Block]:
    key, zones = snake(name), site.cloud.zones
    brokers = -(-store.replicas // zones) * zones
    copies = min(3, brokers)
    told = {
        "auto.create.topics.enable": "true",
        "default.replication.factor": str(copies),
        "min.insync.replicas": str(max(1, copies - 1)),
        **({"log.retention.ms": str(round(store.expire * 1000))} if store.expire else {}),
        **{option: text(value) for option, value in store.settings.items()},
    }
    properties = "".join(f"{option}={value}\n" for option, value in told.items())
    version = store.version if store.version and "." in store.version else USUAL_KAFKA
    yield resource(
        "aws_msk_configuration",
        key,
        {"name": f"{site.name}-{name}", "kafka_versions": [version], "server_properties": properties},
    )
    yield log_group(site, key, f"/aws/msk/{site.name}-{name}")
    disk = Inner({"ebs_storage_info": Inner({"volume_size": gib(store, USUAL_GIB)})})
    logs = Inner({"enabled": True, "log_group": Raw(f"aws_cloudwatch_log_group.{key}.name")})
    watched = {kind: Inner({"enabled_in_broker": True}) for kind in ("jmx_exporter", "node_exporter")}
    yield resource(
        "aws_msk_cluster",
        key,
        {
            "cluster_name": f"{site.name}-{name}",
            "kafka_version": version,
            "number_of_broker_nodes": brokers,
            "broker_node_group_info": Inner(
                {
                    "instance_type": broker(store.resources),
                    "client_subnets": subnets(site, "data"),
                    "security_groups": [Raw(f"aws_security_group.{key}.id")],
                    "storage_info": disk,
                }
            ),
            "client_authentication": Inner({"unauthenticated": False, "sasl": Inner({"iam": True})}),
            "encryption_info": Inner(
                {
                    "encryption_at_rest_kms_key_arn": KEY,
                    "encryption_in_transit": Inner({"client_broker": "TLS", "in_cluster": True}),
                }
            ),
            "configuration_info": Inner(
                {
                    "arn": Raw(f"aws_msk_configuration.{key}.arn"),
                    "revision": Raw(f"aws_msk_configuration.{key}.latest_revision"),
                }
            ),
            "logging_info": Inner({"broker_logs": Inner({"cloudwatch_logs": logs})}),
            "open_monitoring": Inner({"prometheus": Inner(watched)}),
        },
    )


def _search(site: Site, name: str, store: Store) -> Iterator[Block]:
    key, zones = snake(name), min(3, site.cloud.zones, store.replicas)
    yield log_group(site, key, f"/aws/opensearch/{site.name}-{name}")
    statement = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": template(f"${{aws_cloudwatch_log_group.{key}.arn}}:*"),
        "Principal": {"Service": "es.amazonaws.com"},
    }
    policy = json_of({"Version": "2012-10-17", "Statement": [statement]})
    yield resource(
        "aws_cloudwatch_log_resource_policy", key, {"policy_name": f"{site.name}-{name}", "policy_document": policy}
    )
    domain = f"{site.name}-{name}"[:LONGEST_DOMAIN].rstrip("-")
    arn = f"arn:${{data.aws_partition.here.partition}}:es:{site.region}:${{data.aws_caller_identity.me.account_id}}"
    inner = {"Effect": "Allow", "Action": ["es:ESHttp*"], "Principal": {"AWS": "*"},
             "Resource": template(f"{arn}:domain/{domain}/*")}  # fmt: skip
    user = {
        "master_user_name": name.replace("-", "_"),
        "master_user_password": Raw(f'lookup(var.tokens, "{name}", null)'),
    }
    spread = {"zone_awareness_enabled": True, "zone_awareness_config": Inner({"availability_zone_count": zones})}
    logs = [
        Inner({"cloudwatch_log_group_arn": Raw(f"aws_cloudwatch_log_group.{key}.arn"), "log_type": kind})
        for kind in ("AUDIT_LOGS", "ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS")
    ]
    masters = {
        "dedicated_master_enabled": True,
        "dedicated_master_count": 3,
        "dedicated_master_type": "m7g.medium.search",
    }
    many = store.replicas >= 3
    yield resource(
        "aws_opensearch_domain",
        key,
        {
            "domain_name": domain,
            "engine_version": f"OpenSearch_{_version(store)}",
            "access_policies": json_of({"Version": "2012-10-17", "Statement": [inner]}),
            "advanced_options": {option: text(value) for option, value in store.settings.items()} or None,
            "cluster_config": Inner(
                {
                    "instance_type": search(store.resources),
                    "instance_count": store.replicas,
                    **(masters if many else {}),
                    **(spread if zones > 1 else {}),
                }
            ),
            "ebs_options": Inner({"ebs_enabled": True, "volume_type": "gp3" if store.storage == "ssd" else "standard",
                                  "volume_size": gib(store, USUAL_GIB)}),
            "encrypt_at_rest": Inner({"enabled": True, "kms_key_id": KEY}),
            "node_to_node_encryption": Inner({"enabled": True}),
            "domain_endpoint_options": Inner(
                {"enforce_https": True, "tls_security_policy": "Policy-Min-TLS-1-2-PFS-2023-10"}
            ),
            "advanced_security_options": Inner(
                {"enabled": True, "internal_user_database_enabled": True, "master_user_options": Inner(user)}
            ),
            "vpc_options": Inner(
                {
                    "subnet_ids": subnets(site, "data")[: max(1, zones)],
                    "security_group_ids": [Raw(f"aws_security_group.{key}.id")],
                }
            ),
            "log_publishing_options": logs,
            "depends_on": [Raw(f"aws_cloudwatch_log_resource_policy.{key}")],
        },
        notes=[
            *([] if many else ["checkov:skip=CKV_AWS_318:the stack file asks for fewer than three servers",
                               "checkov:skip=CKV2_AWS_59:the stack file asks for fewer than three servers"]),
            "checkov:skip=CKV_AWS_317:AUDIT_LOGS are published, among other logs: it looks at one block only",
            "checkov:skip=CKV_AWS_283:reached from inside of the network only, and by a user of its own",
        ],
    )  # fmt: skip


def _version(store: Store) -> str:
    """OpenSearch's own; a version of Elasticsearch says nothing about it."""
    return store.version if store.kind == "opensearch" and store.version and "." in store.version else USUAL_SEARCH
