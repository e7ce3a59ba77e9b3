"""What this stack needs of the machine: its stores' servers, its services' programs, its public ports."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from fairlead.cli.doctor.finding import Finding, missing, ok, warning
from fairlead.engine import ports
from fairlead.stack.model import Stack

SERVERS = {
    "postgres": ("postgres", "apt install postgresql, or give the store `external:`"),
    "redis": ("redis-server", "apt install redis-server, or give the store `external:`"),
}


def findings(stack: Stack, base: Path, *, running: bool) -> Iterator[Finding]:
    """One finding for each store, program and port; ports are ours when the stack is `running`."""
    for name, store in stack.stores.items():
        if not (store.external or store.external_secret):
            yield server(name, store.kind)
    for name, service in stack.services.items():
        if service.command and not (service.image or service.build):
            yield program(name, service.command[0], base / service.directory)
    if any(service.expose for service in stack.services.values()):
        for key, port in (("router.http", stack.router.http), ("router.https", stack.router.https)):
            if port:
                yield entrance(key, port, stack.router.address, running=running)


def server(store: str, kind: str) -> Finding:
    """The server of a store."""
    name = f"stores.{store}"
    if kind not in SERVERS:
        return missing(name, f"{kind} can't be started on one machine", "give the store `external:` with its URL")
    binary, hint = SERVERS[kind]
    found = shutil.which(binary) or next(iter(sorted(_debian(binary), reverse=True)), None)
    return ok(name, str(found)) if found else missing(name, f"{binary} is not installed", hint)


def _debian(binary: str) -> Iterator[str]:
    """Debian keeps PostgreSQL's servers out of the PATH."""
    return (str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{binary}"))


def program(service: str, program: str, directory: Path) -> Finding:
    """The program of a service."""
    name = f"services.{service}"
    found = str(directory / program) if "/" in program else shutil.which(program)
    if found and Path(found).is_file():
        return ok(name, found)
    return missing(name, f"program not found: {program}", f"install `{program}`, or correct {name}.command")


def entrance(key: str, port: int, address: str, *, running: bool) -> Finding:
    """A public port: free, or held by our own router."""
    if ports.free(port, address):
        return ok(key, f"port {port} on {address} is free")
    if running:
        return ok(key, f"port {port} on {address} is ours")
    if port < 1024:
        return warning(key, f"port {port} on {address} can't be opened", "ports under 1024 need root, or another port")
    return missing(key, f"port {port} on {address} is taken by another program", f"end it, or change {key}")
