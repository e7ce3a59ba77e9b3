"""Terraform for AWS: a root module for each environment and region, of plain resources.

A folder for each environment, since environments differ in what they have and not only in figures; a further region has
a folder of its own. Resources are plain: a community module that can't be fetched can't be judged here, and what is
rendered needs no second layer of variables. What the stack can't say: one NAT gateway for each zone, and one
in all where machines are fewer than zones; the API of the
cluster is private until `api_access` names networks; managed stores without `resources` get small machines of Graviton;
passwords are given as ephemeral variables and are never in the state, except the token of Redis. Shield Advanced costs
3,000 US$ a month for a year, so that `ddos_protection` gives rate limits and Shield Standard, and Advanced when the
variable `shield_advanced` says so. Elasticsearch is OpenSearch here. Where no environment names a cloud, one with two
to four `m6i.large` in eu-central-1 is rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.render.clouds.folders import Provider, files
from fairlead.render.clouds.leaving import TOPICS
from fairlead.render.clouds.leaving import unsupported as in_no_cloud
from fairlead.render.clouds.site import Site, Usual
from fairlead.render.parts.hcl import Body
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.terraform_aws import (
    backups,
    buckets,
    cluster,
    entrance,
    identity,
    keys,
    monitoring,
    network,
    outputs,
    postgres,
    proof,
    secrets,
    settings,
    streams,
)

MOST_DAYS = 35


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """A folder for each environment that is in this cloud."""
    return files(scene, PROVIDER)


def _state(site: Site) -> Body:
    return {
        "bucket": f"{site.stack.name}-terraform-state",
        "key": f"{site.folder}/terraform.tfstate",
        "region": site.cloud.region,
        "encrypt": True,
        "use_lockfile": True,
    }


def _unsupported(site: Site) -> Iterator[Unsupported]:
    yield from in_no_cloud(site)
    for name, store in site.stores("postgres"):
        policy = site.policy(store)
        if policy and policy.keep > MOST_DAYS * 86400:
            why = f"RDS keeps its own for {MOST_DAYS} days at most; the copies of AWS Backup are kept for all of it"
            yield Unsupported(f"stores.{name}.backup.keep", why)


PROVIDER = Provider(
    usual=Usual("aws", "eu-central-1", "m6i.large"),
    parts={
        "versions": settings.versions,
        "variables": settings.variables,
        "network": network.of,
        "keys": keys.of,
        "cluster": cluster.of,
        "identity": identity.of,
        "postgres": postgres.of,
        "streams": streams.of,
        "buckets": buckets.of,
        "secrets": secrets.of,
        "entrance": entrance.of,
        "monitoring": monitoring.of,
        "backups": backups.of,
        "outputs": outputs.of,
    },
    state=_state,
    tests=proof.of,
    left_out={"stores.*.topics": TOPICS},
    times={"postgres": frozenset({"every", "at", "point_in_time"})},
    unsupported=_unsupported,
)

TARGETS.register("terraform-aws")(
    Target("Terraform for AWS: a root module for each environment", render, ("terraform", "checkov-terraform"))
)
