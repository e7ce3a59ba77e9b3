"""The steps from nothing to a cluster, in the order in which they work."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.render.clouds.site import Site
from fairlead.render.parts.dumping import HEADER, SOURCE

TOOLS = {"aws": "aws", "gcp": "gcloud", "azure": "az"}
LOG_IN = {"aws": "aws sso login", "gcp": "gcloud auth application-default login", "azure": "az login"}


def readme(sites: Sequence[Site]) -> str:
    """One page for all environments."""
    first = sites[0]
    secrets = sorted({key for site in sites for key in site.managed_secrets()})
    lines = [
        f"# Terraform for {first.stack.name}",
        "",
        HEADER.format(source=SOURCE).removeprefix("# ").strip(),
        "",
        "| folder | region | machines | managed stores |",
        "|---|---|---|---|",
        *(_row(site) for site in sites),
        "",
        "Each folder is a root module with a state of its own: what is done to one environment can't touch another.",
        "A further region is a folder of its own; apply the first region before it.",
        "",
        "## Steps",
        "",
        "1. Make the place of the state (`backend.hcl` names it) once, with versioning and encryption, and log in:",
        f"   `{LOG_IN[first.cloud.provider]}`.",
        "2. Give what only you know as variables of the shell; none of it is in a file. `variables.tf` names all:",
        "   `export TF_VAR_mail='[\"team@example.com\"]'`, and at the first apply the passwords of managed stores:",
        '   `export TF_VAR_passwords=\'{"postgres": "…"}\'` (they are in no plan and no state).',
        "3. In the folder of an environment:",
        "",
        "   ```sh",
        "   terraform init -backend-config=backend.hcl",
        "   terraform test",
        "   terraform plan -out=plan",
        "   terraform apply plan",
        "   ```",
        "",
        "4. `terraform output -raw kubeconfig` prints the command that makes kubectl reach the cluster.",
        "5. Put the operators in (External Secrets, and those of stores that run in the cluster), then the",
        "   manifests of `fairlead render kubernetes`.",
    ]
    if secrets:
        lines += ["6. Put the values of these secrets into the secret manager by hand: " + ", ".join(secrets) + "."]
    lines += ["", "To change a password, export the new one and raise `TF_VAR_passwords_version`."]
    return "\n".join(lines) + "\n"


def _row(site: Site) -> str:
    nodes = ", ".join(
        f"{name}: {group.min} to {group.max} {group.machine}{' (spot)' if group.spot else ''}"
        for name, group in site.cloud.nodes.items()
    )
    stores = ", ".join(
        f"{name} ({store.kind})"
        for name, store in site.stores("postgres", "redis", "kafka", "elasticsearch", "opensearch", "objects")
    )
    return f"| `{site.folder}` | {site.region} | {nodes or 'none'} | {stores or 'none'} |"
