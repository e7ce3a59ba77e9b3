"""The network: one subnet for all zones of a region, a way out, and a private way to managed stores."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.parts.hcl import Block, Inner, Raw, resource

NETWORK, SUBNET = Raw("google_compute_network.main.id"), Raw("google_compute_subnetwork.main.id")
PEERED_BITS = 20


def of(site: Site) -> Iterator[Block]:
    """Pods and services have ranges of their own."""
    named = {"name": site.name}
    waits = {"depends_on": [Raw("google_project_service.compute")]}
    yield resource("google_compute_network", "main", {**named, "auto_create_subnetworks": False, **waits})
    ranges = {"pods": (1, 1), "services": (4, 1)}
    cidr = f'"{site.cloud.cidr}"'
    yield resource(
        "google_compute_subnetwork",
        "main",
        {
            **named,
            "region": site.region,
            "network": NETWORK,
            "ip_cidr_range": Raw(f"cidrsubnet({cidr}, 4, 0)"),
            "private_ip_google_access": True,
            "secondary_ip_range": [
                Inner({"range_name": name, "ip_cidr_range": Raw(f"cidrsubnet({cidr}, {bits}, {number})")})
                for name, (bits, number) in ranges.items()
            ],
            "log_config": Inner({"aggregation_interval": "INTERVAL_5_MIN", "flow_sampling": 0.5,
                                 "metadata": "INCLUDE_ALL_METADATA"}),
        },
    )  # fmt: skip
    yield resource(
        "google_compute_firewall",
        "closed",
        {
            "name": f"{site.name}-closed",
            "network": NETWORK,
            "direction": "INGRESS",
            "priority": 65534,
            "source_ranges": ["0.0.0.0/0"],
            "deny": Inner({"protocol": "all"}),
            "log_config": Inner({"metadata": "INCLUDE_ALL_METADATA"}),
        },
    )
    if site.stack.security.private_nodes:
        yield resource("google_compute_router", "main", {**named, "region": site.region, "network": NETWORK})
        yield resource(
            "google_compute_router_nat",
            "main",
            {
                **named,
                "region": site.region,
                "router": Raw("google_compute_router.main.name"),
                "nat_ip_allocate_option": "AUTO_ONLY",
                "source_subnetwork_ip_ranges_to_nat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
                "log_config": Inner({"enable": True, "filter": "ERRORS_ONLY"}),
            },
        )
    if site.has("postgres", "redis"):
        yield from _peering(site)


def _peering(site: Site) -> Iterator[Block]:
    yield resource(
        "google_compute_global_address",
        "stores",
        {
            "name": f"{site.name}-stores",
            "purpose": "VPC_PEERING",
            "address_type": "INTERNAL",
            "prefix_length": PEERED_BITS,
            "network": NETWORK,
        },
    )
    yield resource(
        "google_service_networking_connection",
        "stores",
        {
            "network": NETWORK,
            "service": "servicenetworking.googleapis.com",
            "reserved_peering_ranges": [Raw("google_compute_global_address.stores.name")],
            "depends_on": [Raw("google_project_service.servicenetworking")],
        },
    )
