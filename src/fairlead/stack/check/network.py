"""Ports, probes, ways in and what the router does: they have to fit each other."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from fairlead.kit import suggest
from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.addresses import HEADER
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack
from fairlead.stack.model.network import Expose, Port, Probe
from fairlead.stack.model.service import Service

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"^(\*|(\*\.)?{_LABEL}(\.{_LABEL})*)$")
_SPEAKS = {"http": {"http", "metrics"}, "grpc": {"grpc"}, "tcp": {"http", "grpc", "tcp", "metrics"}}


@rule
def ports_differ(stack: Stack) -> Iterator[Finding]:
    """No two ports of a service have one number, and their names fit everywhere."""
    for here, service in services(stack):
        taken: dict[int, str] = {}
        for name, port in service.ports.items():
            where = (*here, "ports", name)
            if len(name) > 15:
                yield Finding(where, f"should be a name of at most 15 characters, got {len(name)}", "shorten it")
            if port.port is not None and port.port in taken:
                message = f"should have its own number, `{taken[port.port]}` has {port.port} already"
                yield Finding(where, message, "choose another")
            if port.port is not None:
                taken.setdefault(port.port, name)
            if port.path != "/metrics" and port.protocol != "metrics":
                yield Finding((*where, "path"), "is for a port of protocol `metrics`", "take it out")


@rule
def probes_ask_what_is_there(stack: Stack) -> Iterator[Finding]:
    """Each probe has one form and asks a port that exists and speaks it."""
    for here, service in services(stack):
        for kind in ("startup", "readiness", "liveness"):
            probe = getattr(service.probes, kind)
            if probe is not None:
                yield from _probe((*here, "probes", kind), service, probe, kind)


def _probe(where: KeyPath, service: Service, probe: Probe, kind: str) -> Iterator[Finding]:
    said = [form for form in ("http", "tcp", "grpc", "command") if getattr(probe, form) is not None]
    if len(said) != 1:
        found = " and ".join(f"`{form}`" for form in said) or "none"
        yield Finding(where, f"should have one of `http`, `tcp`, `grpc` or `command`, got {found}", "keep one form")
        return
    if said[0] != "command":
        yield from _asked((*where, said[0]), service, said[0], getattr(probe, said[0]).port)
    if kind != "readiness" and probe.successes != 1:
        message = f"should be 1 for {kind}, got {probe.successes}"
        yield Finding((*where, "successes"), message, "only readiness may wait for more")
    if kind != "startup" and "within" in probe.model_fields_set:
        yield Finding((*where, "within"), "is for the startup probe", "move it to `probes.startup`")


def _asked(where: KeyPath, service: Service, form: str, name: str | None) -> Iterator[Finding]:
    if name is not None and name not in service.ports:
        hint = suggest.hint(name, service.ports, none="declare it under `ports`")
        yield Finding((*where, "port"), f"there is no port `{name}`", hint)
        return
    port = service.ports[name] if name else _first(service, form)
    if port is None:
        wanted = "a port" if form != "grpc" else "a port of protocol `grpc`"
        yield Finding(where, f"needs {wanted}, this service has none", "declare it under `ports`")
    elif port.protocol not in _SPEAKS[form]:
        fitting = [other for other, each in service.ports.items() if each.protocol in _SPEAKS[form]]
        hint = f"ask `port: {fitting[0]}`" if fitting else f"ask with `{port.protocol}` or `tcp`"
        yield Finding(where, f"should ask a port that speaks {form}, this one is {port.protocol}", hint)


def _first(service: Service, form: str) -> Port | None:
    ports = [port for port in service.ports.values() if form != "grpc" or port.protocol == "grpc"]
    return ports[0] if ports else None


@rule
def ways_in_lead_somewhere(stack: Stack) -> Iterator[Finding]:
    """What is exposed is a port of HTTP or gRPC, under a host name that can exist, at an open entrance."""
    for here, service in services(stack):
        for n, way in enumerate(service.expose):
            where = (*here, "expose", n)
            yield from _leads(where, service, way)
            if not _HOST.match(way.host):
                message = "should be a host name in lower case, `*.` and a host name, or `*`"
                yield Finding((*where, "host"), message, "such as `api.example.com`")
            if stack.router.http is None and stack.router.https is None:
                message = "there is no way in: `router` has neither `http` nor `https`"
                yield Finding(where, message, "set `router.http` or `router.https`")


def _leads(where: KeyPath, service: Service, way: Expose) -> Iterator[Finding]:
    open_ports = [name for name, port in service.ports.items() if port.protocol in {"http", "grpc"}]
    if way.port is None:
        if not any(service.ports[name].protocol == "http" for name in open_ports):
            mend = f"name one: `port: {open_ports[0]}`" if open_ports else "declare one under `ports`"
            yield Finding(where, "there is no port of protocol `http`", mend)
    elif way.port not in service.ports:
        hint = suggest.hint(way.port, open_ports, none="declare it under `ports`")
        yield Finding((*where, "port"), f"there is no port `{way.port}`", hint)
    elif way.port not in open_ports:
        found = service.ports[way.port].protocol
        hint = suggest.hint(way.port, open_ports, none="declare another under `ports`")
        yield Finding((*where, "port"), f"should be a port of protocol `http` or `grpc`, this one is `{found}`", hint)


@rule
def ways_in_differ(stack: Stack) -> Iterator[Finding]:
    """No host and path lead to two places."""
    taken: dict[tuple[str, str], str] = {}
    for here, service in services(stack):
        for n, way in enumerate(service.expose):
            claim = (way.host, way.path.rstrip("/") or "/")
            if claim in taken:
                message = f"`{claim[0]}{claim[1]}` leads to `{taken[claim]}` already"
                yield Finding((*here, "expose", n), message, "give one of them another `path` or `host`")
            taken.setdefault(claim, str(here[1]))


@rule
def the_entrance_opens(stack: Stack) -> Iterator[Finding]:
    """The router's address, ports and certificates fit each other."""
    router, here = stack.router, ("router",)
    if not _is_address(router.address):
        yield Finding((*here, "address"), "should be an IP address", "such as `127.0.0.1`, or `0.0.0.0` for every one")
    if router.https is not None and router.https == router.http:
        yield Finding((*here, "https"), f"should be another port than http ({router.http})", "such as 8443")
    tls = router.tls
    if router.https is not None and (tls is None or not (tls.certificate or tls.key or tls.issuer)):
        message = "needs `tls` with a certificate and a key"
        yield Finding((*here, "https"), message, "add `tls: {certificate: …, key: …}`, or an `issuer` in a cluster")
    if tls is not None and bool(tls.certificate) != bool(tls.key):
        missing = "key" if tls.certificate else "certificate"
        yield Finding((*here, "tls"), f"needs `{missing}` too", "name both files (PEM)")
    if tls is not None and router.https is None:
        yield Finding((*here, "tls"), "is for `https`, which is not set", "set `router.https`, such as 8443")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@rule
def sticky_clients_have_a_mark(stack: Stack) -> Iterator[Finding]:
    """`sticky: header` says which header, and only it does."""
    for here, service in services(stack):
        traffic, where = service.traffic, (*here, "traffic")
        if traffic.sticky == "header" and not traffic.sticky_header:
            yield Finding((*where, "sticky"), "needs `sticky_header`", "name the header: `sticky_header: x-user`")
        elif traffic.sticky_header and traffic.sticky != "header":
            message = f"is for `sticky: header`, this is `{traffic.sticky}`"
            yield Finding((*where, "sticky_header"), message, "set `sticky: header`, or take it out")


@rule
def headers_are_names(stack: Stack) -> Iterator[Finding]:
    """Header names are tokens (RFC 9110, 5.1), and `Host` is what the router goes by itself."""
    for here, service in services(stack):
        rules = service.traffic.headers
        for key in ("request_set", "request_remove", "response_set", "response_remove"):
            for n, name in enumerate(getattr(rules, key)):
                path = (*here, "traffic", "headers", key, n if key.endswith("remove") else name)
                if not HEADER.match(name):
                    yield Finding(path, "should be the name of a header", "letters, digits and dashes")
                elif name.lower() == "host":
                    yield Finding(path, "can't be changed: the router goes by it", "take it out")
