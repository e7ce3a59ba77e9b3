"""The network: subnets for machines, databases and private endpoints, each behind a firewall, and one way out."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.targets.terraform_azure.settings import GROUP, placed

NETWORK = Raw("azurerm_virtual_network.main.id")
SUBNETS = {"nodes": (2, 0), "postgres": (8, 240), "endpoints": (8, 241)}
DATABASES = "Microsoft.DBforPostgreSQL/flexibleServers"


def of(site: Site) -> Iterator[Block]:
    """One network for each region."""
    plan = {"for_each": Raw("var.ddos_plan == null ? [] : [var.ddos_plan]"),
            "content": Inner({"id": Raw("ddos_protection_plan.value"), "enable": True})}  # fmt: skip
    body = {**placed(site, site.name), "address_space": [site.cloud.cidr]}
    if site.cloud.ddos_protection:
        body["dynamic"] = Inner(plan, ("ddos_protection_plan",))
    yield resource("azurerm_virtual_network", "main", body)
    for name, (bits, number) in SUBNETS.items():
        yield from _subnet(site, name, bits, number)
    if site.stack.security.private_nodes:
        yield from _way_out(site)


def zones(site: Site) -> list[str]:
    """Azure has three in a region at most."""
    return [str(number) for number in range(1, min(3, site.cloud.zones) + 1)]


def private_zone(site: Site, key: str, name: str) -> Iterator[Block]:
    """Names inside of the network."""
    zone = {"name": name, "resource_group_name": GROUP, "tags": Raw("local.tags")}
    yield resource("azurerm_private_dns_zone", key, zone)
    yield resource(
        "azurerm_private_dns_zone_virtual_network_link",
        key,
        {
            "name": key.replace("_", "-"),
            "resource_group_name": GROUP,
            "private_dns_zone_name": Raw(f"azurerm_private_dns_zone.{key}.name"),
            "virtual_network_id": NETWORK,
        },
    )


def endpoint(site: Site, key: str, what: str, kind: str, zone: str) -> Block:
    """The only way to a managed store."""
    connection = {
        "name": key.replace("_", "-"),
        "is_manual_connection": False,
        "private_connection_resource_id": Raw(what),
        "subresource_names": [kind],
    }
    names = {"name": "default", "private_dns_zone_ids": [Raw(f"azurerm_private_dns_zone.{zone}.id")]}
    return resource(
        "azurerm_private_endpoint",
        key,
        {
            **placed(site, f"{site.name}-{key.replace('_', '-')}"),
            "subnet_id": Raw("azurerm_subnet.endpoints.id"),
            "private_service_connection": Inner(connection),
            "private_dns_zone_group": Inner(names),
        },
    )


def _subnet(site: Site, name: str, bits: int, number: int) -> Iterator[Block]:
    joins = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    delegation = Inner({"name": "postgres", "service_delegation": Inner({"name": DATABASES, "actions": joins})})
    yield resource(
        "azurerm_subnet",
        name,
        {
            "name": name,
            "resource_group_name": GROUP,
            "virtual_network_name": Raw("azurerm_virtual_network.main.name"),
            "address_prefixes": [Raw(f'cidrsubnet("{site.cloud.cidr}", {bits}, {number})')],
            "delegation": delegation if name == "postgres" else None,
        },
    )
    yield resource("azurerm_network_security_group", name, placed(site, f"{site.name}-{name}"))
    yield resource(
        "azurerm_subnet_network_security_group_association",
        name,
        {
            "subnet_id": Raw(f"azurerm_subnet.{name}.id"),
            "network_security_group_id": Raw(f"azurerm_network_security_group.{name}.id"),
        },
    )


def _way_out(site: Site) -> Iterator[Block]:
    address = {**placed(site, f"{site.name}-out"), "allocation_method": "Static", "sku": "Standard"}
    yield resource("azurerm_public_ip", "out", address)
    yield resource("azurerm_nat_gateway", "main", {**placed(site, site.name), "sku_name": "Standard"})
    gateway = {"nat_gateway_id": Raw("azurerm_nat_gateway.main.id")}
    yield resource(
        "azurerm_nat_gateway_public_ip_association",
        "main",
        {**gateway, "public_ip_address_id": Raw("azurerm_public_ip.out.id")},
    )
    yield resource(
        "azurerm_subnet_nat_gateway_association", "nodes", {**gateway, "subnet_id": Raw("azurerm_subnet.nodes.id")}
    )
