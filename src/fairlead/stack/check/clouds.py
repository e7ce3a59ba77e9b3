"""The cloud: regions, machines, networks and tags that its provider has."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack
from fairlead.stack.model.platform import Cloud

_DOMAIN = re.compile(r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")
_REGIONS = {
    "aws": (re.compile(r"[a-z]{2}(-[a-z]+){1,3}-\d"), "eu-central-1"),
    "gcp": (re.compile(r"[a-z]+-[a-z]+\d{1,2}"), "europe-west3"),
    "azure": (re.compile(r"[a-z]+\d?"), "germanywestcentral"),
}
_MACHINES = {
    "aws": (re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+"), "m6i.large"),
    "gcp": (re.compile(r"[a-z]\d[a-z]?-[a-z0-9-]+"), "n2-standard-4"),
    "azure": (re.compile(r"Standard_[A-Za-z0-9_-]+"), "Standard_D4s_v5"),
}
"""Provider -> the form of its names, and one of them."""

WIDEST, NARROWEST = 16, 22
"""Bits of a network: AWS takes none wider, and what a narrower one is cut into has no room for a cluster's pods
(https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html)."""

_KEPT_TAGS = {"aws": ("aws:",), "gcp": ("goog",), "azure": ("microsoft", "azure", "windows")}
"""Provider -> how the names begin that it keeps for itself."""


@rule
def the_network_is_one(stack: Stack) -> Iterator[Finding]:
    """The cloud's addresses and domain can exist."""
    cloud = stack.cloud
    if cloud is None:
        return
    network = _network(cloud.cidr)
    if network is None:
        yield Finding(("cloud", "cidr"), "should be a network in CIDR notation", "such as `10.0.0.0/16`")
    elif not WIDEST <= network.prefixlen <= NARROWEST:
        message = f"should be a network of /{WIDEST} to /{NARROWEST}, got /{network.prefixlen}"
        yield Finding(("cloud", "cidr"), message, "such as `10.0.0.0/16`")
    elif network.is_global:
        yield Finding(("cloud", "cidr"), "should be private addresses (RFC 1918)", "such as `10.0.0.0/16`")
    if cloud.domain is not None and not _DOMAIN.match(cloud.domain):
        yield Finding(("cloud", "domain"), "should be a domain name in lower case", "such as `example.com`")


def _network(text: str) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(text) if "/" in text else None
    except ValueError:
        return None


@rule
def regions_are_of_the_provider(stack: Stack) -> Iterator[Finding]:
    """Regions are named as the provider names them."""
    cloud = stack.cloud
    if cloud is None:
        return
    form, example = _REGIONS[cloud.provider]
    for path, region in _regions(stack, cloud):
        if not form.fullmatch(region):
            yield Finding(path, f"should be a region of {cloud.provider}", f"such as `{example}`")


def _regions(stack: Stack, cloud: Cloud) -> Iterator[tuple[KeyPath, str]]:
    yield ("cloud", "region"), cloud.region
    yield from ((("cloud", "regions", n), region) for n, region in enumerate(cloud.regions))
    if stack.recovery.failover_region is not None:
        yield ("recovery", "failover_region"), stack.recovery.failover_region


@rule
def machines_are_of_the_provider(stack: Stack) -> Iterator[Finding]:
    """A node group's machines are named as the provider names them."""
    if stack.cloud is None:
        return
    form, example = _MACHINES[stack.cloud.provider]
    for name, group in stack.cloud.nodes.items():
        if not form.fullmatch(group.machine):
            path = ("cloud", "nodes", name, "machine")
            yield Finding(path, f"should be a kind of machine of {stack.cloud.provider}", f"such as `{example}`")


@rule
def accelerators_are_there(stack: Stack) -> Iterator[Finding]:
    """An instance that needs more accelerators than any machine has is never started."""
    groups = stack.cloud.nodes if stack.cloud is not None else {}
    if not groups:
        return
    for here, service in services(stack):
        wanted, named = service.resources.gpu, service.placement.node_group
        most = groups[named].gpu if named in groups else max(group.gpu for group in groups.values())
        if wanted > most:
            where = f"a machine of `{named}` has" if named in groups else "any machine of `cloud.nodes` has"
            message = f"should be at most what {where} ({most}), got {wanted}"
            yield Finding((*here, "resources", "gpu"), message, "set `gpu` of a node group")


@rule
def tags_fit(stack: Stack) -> Iterator[Finding]:
    """Tags are what the provider takes: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html."""
    cloud = stack.cloud
    for key, value in cloud.tags.items() if cloud is not None else ():
        path = ("cloud", "tags", key)
        if cloud is not None and key.lower().startswith(_KEPT_TAGS[cloud.provider]):
            yield Finding(path, f"{cloud.provider} keeps names that begin like this for itself", "rename it")
        if not key or len(key) > 63:
            yield Finding(path, f"should be a name of 1 to 63 characters, got {len(key)}", "shorten it")
        if len(value) > 63:
            yield Finding(path, f"should be at most 63 characters, got {len(value)}", "shorten it")


@rule
def clusters_have_versions(stack: Stack) -> Iterator[Finding]:
    """A managed cluster's version is a minor one of Kubernetes."""
    version = stack.cloud.kubernetes if stack.cloud is not None else None
    if version is not None and not re.fullmatch(r"1\.\d{2}", version):
        yield Finding(("cloud", "kubernetes"), "should be a minor version of Kubernetes", 'such as `"1.34"`')
