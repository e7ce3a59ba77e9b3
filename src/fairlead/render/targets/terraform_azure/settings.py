"""Versions, the provider, the few variables of a root module, and the group that all of it is in."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.clouds.variables import of_passwords, of_people
from fairlead.render.parts.hcl import Block, Inner, Raw, data, resource, variable

PROVIDER_VERSION = "4.55.0"
"""What is rendered was judged with it."""

GROUP = Raw("azurerm_resource_group.main.name")


def placed(site: Site, name: str | Raw) -> dict[str, object]:
    """What nearly everything has."""
    return {"name": name, "resource_group_name": GROUP, "location": site.region, "tags": Raw("local.tags")}


def unique(site: Site, name: str, longest: int = 24) -> Raw:
    """A name of letters and digits that has to be unique in all of Azure."""
    plain = "".join(letter for letter in f"{site.name}{name}" if letter.isalnum())
    return Raw(f'substr("{plain[: longest - 6]}${{var.unique}}", 0, {longest})')


def versions(site: Site) -> Iterator[Block]:
    """Pinned exactly, so that a plan of today is that of tomorrow."""
    azure = {"azurerm": {"source": "hashicorp/azurerm", "version": PROVIDER_VERSION}}
    backend = Inner(labels=("azurerm",))
    yield Block(
        "terraform",
        (),
        {"required_version": ">= 1.11.0, < 2.0.0", "backend": backend, "required_providers": Inner(azure)},
    )
    settings = {"subscription_id": Raw("var.subscription"), "storage_use_azuread": True, "features": Inner()}
    yield Block("provider", ("azurerm",), settings)
    yield Block("locals", (), {"tags": site.tags})
    yield data("azurerm_client_config", "me")
    group = {"name": f"{site.name}-{site.region}", "location": site.region, "tags": Raw("local.tags")}
    yield resource("azurerm_resource_group", "main", group)


def variables(site: Site) -> Iterator[Block]:
    """What differs by who applies; all else is in the stack file."""
    yield variable("subscription", "string", "The subscription that all of it is in.")
    yield variable("unique", "string", "Up to six letters and digits, behind names that are unique in all of Azure.")
    yield variable(
        "api_access",
        "list(string)",
        "Networks (CIDR) that reach the API of the cluster and the secrets from outside; none keeps them private.",
        default=[],
    )
    if site.cloud.ddos_protection:
        yield variable(
            "ddos_plan", "string", "The id of a DDoS protection plan (2,944 US$ a month).", default=Raw("null")
        )
    if site.cloud.budget is not None:
        month = "The first day of the month in which the budget begins."
        yield variable("budget_start", "string", month, default="2026-12-01T00:00:00Z")
    yield from of_people(site)
    yield from of_passwords(site, tokens=False)
    if (site.cloud.cdn or site.cloud.waf) and site.is_first:
        yield variable(
            "origin",
            "string",
            "Host name of the cluster's load balancer, which Front Door asks.",
            default=f"origin.{site.cloud.domain}" if site.cloud.domain else "origin.example.com",
        )
    if not site.is_first and site.has("postgres"):
        yield variable(
            "writers",
            "map(string)",
            "Ids of the databases of the first region, as its output `databases` gives them.",
            default={},
        )
