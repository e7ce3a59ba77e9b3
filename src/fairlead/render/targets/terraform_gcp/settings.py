"""Versions, the provider and the few variables of a root module."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.clouds.variables import of_passwords, of_people
from fairlead.render.parts.hcl import Block, Inner, Raw, data, resource, variable

PROVIDER_VERSION = "6.50.0"
"""The newest of version 6, which what is rendered was judged with."""

SERVICES = ("cloudkms", "compute", "container", "dns", "managedkafka", "monitoring", "redis", "secretmanager",
            "servicenetworking", "sqladmin")  # fmt: skip
LONGEST_LABEL = 63


def versions(site: Site) -> Iterator[Block]:
    """Pinned exactly, so that a plan of today is that of tomorrow."""
    google = {"google": {"source": "hashicorp/google", "version": PROVIDER_VERSION}}
    backend = Inner(labels=("gcs",))
    yield Block(
        "terraform",
        (),
        {"required_version": ">= 1.11.0, < 2.0.0", "backend": backend, "required_providers": Inner(google)},
    )
    labels = {_label(key): _label(value) for key, value in site.tags.items()}
    yield Block(
        "provider", ("google",), {"project": Raw("var.project"), "region": site.region, "default_labels": labels}
    )
    yield data("google_project", "me", {"project_id": Raw("var.project")})
    for service in SERVICES:
        yield resource(
            "google_project_service", service, {"service": f"{service}.googleapis.com", "disable_on_destroy": False}
        )


def variables(site: Site) -> Iterator[Block]:
    """What differs by who applies; all else is in the stack file."""
    yield variable("project", "string", "The project that all of it is in.")
    yield variable(
        "zones",
        "list(string)",
        "Zones of the machines. Not every region has the same: `gcloud compute zones list`.",
        default=[f"{site.region}-{letter}" for letter in "abcdef"[: site.cloud.zones]],
    )
    yield variable(
        "api_access",
        "list(string)",
        "Networks (CIDR) that reach the API of the cluster from outside; none keeps it private.",
        default=[],
    )
    if site.cloud.budget is not None and site.is_first:
        yield variable(
            "billing_account", "string", "The billing account that the budget is watched in.", default=Raw("null")
        )
    yield from of_people(site)
    yield from of_passwords(site, tokens=False)
    if site.cloud.cdn and site.is_first:
        yield variable(
            "origin",
            "string",
            "Host name of the cluster's load balancer, which the content delivery network asks.",
            default=f"origin.{site.cloud.domain}" if site.cloud.domain else "origin.example.com",
        )
    if not site.is_first and site.has("postgres"):
        yield variable(
            "writers",
            "map(string)",
            "Names of the databases of the first region, as its output `databases` gives them.",
            default={},
        )


def _label(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:LONGEST_LABEL]
