"""What the next step asks for, and what `terraform test` says of a site."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.proof import asserted, run
from fairlead.render.clouds.site import Site, snake
from fairlead.render.parts.hcl import Block, Inner, output
from fairlead.render.targets.terraform_gcp.keys import ROTATED_S


def of(site: Site) -> Iterator[Block]:
    """Addresses with passwords are in Secret Manager, not here."""
    yield output("cluster", "google_container_cluster.main.name", "The name of the cluster.")
    command = (
        f"gcloud container clusters get-credentials ${{google_container_cluster.main.name}} --region {site.region}"
    )
    yield output(
        "kubeconfig", f'"{command} --project ${{var.project}}"', "The command that makes kubectl reach the cluster."
    )
    yield output("network", "google_compute_network.main.id", "The network.")
    if databases := [name for name, _ in site.stores("postgres")]:
        names = ", ".join(f"{name} = google_sql_database_instance.{snake(name)}.name" for name in databases)
        yield output("databases", f"{{ {names} }}", "The databases, for a further region that reads from them.")
    if site.cloud.domain and site.is_first:
        servers = "google_dns_managed_zone.main.name_servers"
        yield output("name_servers", servers, "What the zone above has to name for this domain.")


def proof(site: Site) -> Iterator[Block]:
    """A plan, with Google mocked."""
    given: dict[str, object] = {"project": "example-project"}
    if not site.is_first and site.has("postgres"):
        given["writers"] = {name: f"{site.name}-{name}" for name, _ in site.stores("postgres")}
    mock = Inner({"defaults": {"number": "123456789012"}}, ("google_project",))
    yield Block("mock_provider", ("google",), {"mock_data": mock})
    yield Block("variables", (), given)
    yield run("plan", list(_asserts(site)))


def _asserts(site: Site) -> Iterator[Inner]:
    cluster = "google_container_cluster.main"
    yield asserted(f'{cluster}.name == "{site.name}"', "the cluster has another name than the stack and environment")
    private = f"{cluster}.private_cluster_config[0].enable_private_endpoint"
    yield asserted(private, "the cluster's API is open to all")
    rotated = f'google_kms_crypto_key.main.rotation_period == "{ROTATED_S[site.stack.security.key_service]}s"'
    yield asserted(rotated, "the key is not rotated as asked")
    for name, group in site.cloud.nodes.items():
        scaling = f"google_container_node_pool.{snake(name)}.autoscaling[0]"
        yield asserted(f"{scaling}.total_min_node_count == {group.min}", f"{name} has another least number of machines")
    for name, _ in site.stores("postgres"):
        reached = f"google_sql_database_instance.{snake(name)}.settings[0].ip_configuration[0].ipv4_enabled"
        yield asserted(f"!{reached}", f"{name} can be reached from outside")
    for name, _ in site.stores("objects"):
        closed = f'google_storage_bucket.{snake(name)}.public_access_prevention == "enforced"'
        yield asserted(closed, f"{name} can be read by all")
