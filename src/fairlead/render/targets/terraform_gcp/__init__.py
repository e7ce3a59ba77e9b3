"""Terraform for Google Cloud: a root module for each environment and region, of plain resources.

What the stack can't say: the cluster is regional, its API private until `api_access` names networks; services are known
to the cloud by their account in the cluster (workload identity federation), without keys or annotations; managed
stores have private addresses only. Names of secrets have dashes where the stack file has slashes. Buckets that are
copied are dual-region ones, where both regions are on one continent. Google runs neither OpenSearch nor Elasticsearch.
Cloud Armor's adaptive protection is what `ddos_protection` means. Where no environment names a cloud, one with two to
four `n2-standard-2` in europe-west3 is rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.render.clouds.folders import Provider, files
from fairlead.render.clouds.leaving import TOPICS, second_region
from fairlead.render.clouds.site import Site, Usual
from fairlead.render.parts.hcl import Body
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.terraform_gcp import (
    buckets,
    cluster,
    entrance,
    keys,
    monitoring,
    network,
    outputs,
    postgres,
    secrets,
    settings,
    streams,
)


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """A folder for each environment that is in this cloud."""
    return files(scene, PROVIDER)


def _state(site: Site) -> Body:
    return {"bucket": f"{site.stack.name}-terraform-state", "prefix": site.folder}


def _unsupported(site: Site) -> Iterator[Unsupported]:
    if site.elsewhere and not site.has("postgres") and not buckets.is_copied(site):
        yield from second_region(site.stack, "Google copies databases, and buckets within one continent")
    for name, _ in site.stores("elasticsearch", "opensearch"):
        yield Unsupported(f"stores.{name}.managed", "Google runs no search of its own: leave it in the cluster")


PROVIDER = Provider(
    usual=Usual("gcp", "europe-west3", "n2-standard-2"),
    parts={
        "versions": settings.versions,
        "variables": settings.variables,
        "network": network.of,
        "keys": keys.of,
        "cluster": cluster.of,
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
    left_out={"stores.*.topics": TOPICS},
    times={"postgres": frozenset({"point_in_time"}), "redis": frozenset({"every"})},
    unsupported=_unsupported,
)

TARGETS.register("terraform-gcp")(
    Target("Terraform for Google Cloud: a root module for each environment", render, ("terraform", "checkov-terraform"))
)
