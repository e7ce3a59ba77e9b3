"""Terraform for Azure: a root module for each environment and region, of plain resources.

What the stack can't say: the cluster's API is private until `api_access` names networks; the first node group that is
not spot runs the system too; managed stores are reached by private endpoints only. Services are known to the cloud by
workload identity: their account in the cluster needs the annotation that the output `identities` gives. Names of
secrets have dashes where the stack file has slashes. Copies in another region go to the one that Azure pairs with the
first; nobody chooses it. Kafka is Event Hubs, which speaks its protocol; Azure runs neither OpenSearch nor
Elasticsearch. A DDoS plan costs 2,944 US$ a month, so that `ddos_protection` uses the one that the variable `ddos_plan`
names. Where no environment names a cloud, one with two to four `Standard_D2s_v5` in germanywestcentral is rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.render.clouds.folders import Provider, files
from fairlead.render.clouds.leaving import CLUSTER, second_region
from fairlead.render.clouds.site import DAY_S, Site, Usual
from fairlead.render.parts.hcl import Body
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.terraform_azure import (
    buckets,
    cluster,
    entrance,
    identity,
    keys,
    monitoring,
    network,
    outputs,
    postgres,
    secrets,
    settings,
    streams,
)

MOST_ZONES = 3
LEAST_LOGS_DAYS = 30


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """A folder for each environment that is in this cloud."""
    return files(scene, PROVIDER)


def _state(site: Site) -> Body:
    account = "".join(letter for letter in site.stack.name if letter.isalnum())[:16]
    return {
        "resource_group_name": f"{site.stack.name}-terraform",
        "storage_account_name": f"{account}tfstate",
        "container_name": "state",
        "key": f"{site.folder}.tfstate",
        "use_azuread_auth": True,
    }


def _unsupported(site: Site) -> Iterator[Unsupported]:
    for name, _ in site.stores("elasticsearch", "opensearch"):
        yield Unsupported(f"stores.{name}.managed", "Azure runs no such search: leave it in the cluster")
    for name, store in site.stack.stores.items():
        if not store.managed:
            yield Unsupported(f"stores.{name}.kind", CLUSTER)
    if site.elsewhere:
        yield from second_region(site.stack, "copies go to the region that Azure pairs with the first")
    if site.cloud.zones > MOST_ZONES:
        yield Unsupported("cloud.zones", f"a region of Azure has {MOST_ZONES} at most")
    if site.stack.watching.logs_keep < LEAST_LOGS_DAYS * DAY_S:
        yield Unsupported("watching.logs_keep", f"Log Analytics keeps logs for {LEAST_LOGS_DAYS} days at least")
    if not site.has("postgres", "redis", "kafka", "objects"):
        yield Unsupported("kubernetes.namespace", CLUSTER)


PROVIDER = Provider(
    usual=Usual("azure", "germanywestcentral", "Standard_D2s_v5"),
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
        "outputs": outputs.of,
    },
    state=_state,
    tests=outputs.proof,
    left_out={
        "stores.*.storage": "the provider chooses the disks of managed stores",
    },
    times={},
    unsupported=_unsupported,
)

TARGETS.register("terraform-azure")(
    Target("Terraform for Azure: a root module for each environment", render, ("terraform", "checkov-terraform"))
)
