"""Addresses and headers: what servers are told to speak to, and what they are told to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

HEADER = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
"""A token (RFC 9110, 5.6.2)."""

_NO_PATH = re.compile(r"//|/\.{1,2}(/|$)|%2f|%5c|[\\;{}\"']", re.IGNORECASE)
"""What an ingress refuses in a path, since it could lead elsewhere (Kubernetes' validation of Ingress)."""

_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


@rule
def urls_are_of_http(stack: Stack) -> Iterator[Finding]:
    """Servers that are asked, and pages that are linked to, have URLs of HTTP."""
    for path, url in _urls(stack):
        if url is not None and not _is_http(url):
            yield Finding(path, "should be a URL: `http://…` or `https://…`", "look at its beginning")


def _urls(stack: Stack) -> Iterator[tuple[KeyPath, str | None]]:
    yield ("watching", "remote_write"), stack.watching.remote_write
    yield ("watching", "runbooks"), stack.watching.runbooks
    yield ("kubernetes", "prometheus"), stack.kubernetes.prometheus
    for here, service in services(stack):
        if service.release.canary.prometheus is not None:
            yield (*here, "release", "canary", "prometheus", "url"), service.release.canary.prometheus.url


def _is_http(url: str) -> bool:
    try:
        found = urlsplit(url)
        return (
            found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0 and not re.search(r"\s", url)
        )
    except ValueError:
        return False


@rule
def headers_are_headers(stack: Stack) -> Iterator[Finding]:
    """Headers that probes send and clients are known by have names, and every value is one line."""
    for here, service in services(stack):
        for path, name in _names(here, service):
            if not HEADER.match(name):
                yield Finding(path, "should be the name of a header", "letters, digits and dashes")
        for path, value in _values(here, service):
            if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
                yield Finding(path, "should be one line of text", "take the line break out")


def _names(here: KeyPath, service: Service) -> Iterator[tuple[KeyPath, str]]:
    if service.traffic.sticky_header:
        yield (*here, "traffic", "sticky_header"), service.traffic.sticky_header
    yield from ((path, str(path[-1])) for path, _ in _of_probes(here, service))


def _values(here: KeyPath, service: Service) -> Iterator[tuple[KeyPath, str]]:
    yield from _of_probes(here, service)
    for key in ("request_set", "response_set"):
        for name, value in getattr(service.traffic.headers, key).items():
            yield (*here, "traffic", "headers", key, name), value


def _of_probes(here: KeyPath, service: Service) -> Iterator[tuple[KeyPath, str]]:
    for kind in ("startup", "readiness", "liveness"):
        probe = getattr(service.probes, kind)
        for name, value in probe.http.headers.items() if probe is not None and probe.http is not None else ():
            yield (*here, "probes", kind, "http", "headers", name), value


@rule
def paths_lead_forward(stack: Stack) -> Iterator[Finding]:
    """An exposed path leads nowhere else, and a host is a name."""
    for here, service in services(stack):
        for n, way in enumerate(service.expose):
            if _NO_PATH.search(way.path):
                message = "should be a plain path: no `//`, `.`, `..`, quotes or escaped slashes"
                yield Finding((*here, "expose", n, "path"), message, "such as `/api`")
            if _ADDRESS.fullmatch(way.host):
                message = "should be a name: certificates and entrances of a cluster take no address"
                yield Finding((*here, "expose", n, "host"), message, "`*` is for any")
