"""What a stack declares and one machine does not do, or does not do yet: said aloud, never dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from fairlead.stack.apps import APPS
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.check.stores import backups
from fairlead.stack.containers import contained
from fairlead.stack.model import Stack
from fairlead.stack.model.resources import ScaleTargets

_STARTED_HERE = {"postgres", "redis"}
_RENDERED = ("cloud", "mesh", "pipeline", "security", "watching")
_SERVICE_ELSEWHERE = (
    "resources.gpu",
    "resources.disk",
    "scale.vertical",
    "scale.disruption",
    "placement",
)
_PROCESS_ELSEWHERE = ("hardening",)
_CONTAINER_ELSEWHERE = ("hardening.jit", "snapshot", "ignore")
_STORE_ELSEWHERE = ("size", "storage", "managed")
_ROUTER_ELSEWHERE = ("load_balancer", "ingress_class", "gateway")


def _note(path: tuple[str | int, ...], message: str, hint: str | None = None) -> Finding:
    return Finding(path, message, hint, "note")


@rule
def programs_that_cannot_run_yet(stack: Stack) -> Iterator[Finding]:
    """Apps of ours that come later, and what becomes of an image."""
    for here, service in services(stack):
        if service.uses is not None and service.uses not in APPS:
            yield _note(
                (*here, "uses"), f"the app `{service.uses}` comes with a later version: `up` refuses this service"
            )
        if service.build is not None and service.build.image is not None:
            yield _note((*here, "build", "image"), "one machine keeps the image to itself and pushes it nowhere")
        if service.schedule is not None:
            yield _note((*here, "schedule"), "one machine does not start services by the clock yet")


@rule
def stores_that_cannot_run_here(stack: Stack) -> Iterator[Finding]:
    """Stores that one machine does not start, or of which it starts one server."""
    for name, store in stack.stores.items():
        here = ("stores", name)
        if store.external is not None or store.external_secret is not None:
            continue
        if store.kind not in _STARTED_HERE:
            hint = "give its URL with `external`, or `external_secret`"
            yield _note((*here, "kind"), f"one machine does not start `{store.kind}`", hint)
            continue
        for key in ("replicas", "read_replicas"):
            if getattr(store, key) > (key == "replicas"):
                yield _note((*here, key), "one machine runs one server")
        if store.pooling is not None:
            yield _note((*here, "pooling"), "one machine connects without a pooler")


@rule
def growth_is_by_hand(stack: Stack) -> Iterator[Finding]:
    """One machine runs `min` instances."""
    for here, service in services(stack):
        if service.scale.targets != ScaleTargets():
            message = f"one machine does not scale by itself: it runs {service.scale.min}"
            yield _note((*here, "scale", "targets"), message, f"`fairlead scale {here[1]} COUNT`")


@rule
def secrets_of_a_cluster(stack: Stack) -> Iterator[Finding]:
    """A secret manager is asked by a cluster only."""
    for name, secret in stack.secrets.items():
        if secret.manager is not None:
            yield _note(("secrets", name, "manager"), "one machine does not ask a secret manager", "use `encrypted`")


@rule
def backups_come_later(stack: Stack) -> Iterator[Finding]:
    """Nothing is saved yet."""
    first = next(backups(stack), None)
    if first is not None:
        yield _note(first[0], "backups come with a later version: nothing is saved yet")


@rule
def surroundings_are_rendered(stack: Stack) -> Iterator[Finding]:
    """Clouds, meshes and the like are for the targets that are rendered."""
    for key in _RENDERED:
        if key in stack.model_fields_set and getattr(stack, key) is not None:
            yield _note((key,), "is for render targets, which come with a later version")


@rule
def keys_that_do_nothing_here(stack: Stack) -> Iterator[Finding]:
    """Keys for clusters and clouds, told once for each part that has some."""
    parts: list[tuple[tuple[str, ...], BaseModel, tuple[str, ...]]] = [(("router",), stack.router, _ROUTER_ELSEWHERE)]
    for name, service in stack.services.items():
        its_own = _CONTAINER_ELSEWHERE if contained(service, stack) else _PROCESS_ELSEWHERE
        parts.append((("services", name), service, (*_SERVICE_ELSEWHERE, *its_own)))
    parts += [(("stores", name), store, _STORE_ELSEWHERE) for name, store in stack.stores.items()]
    for here, part, elsewhere in parts:
        said = [key for key in elsewhere if _is_said(part, key.split("."))]
        if said:
            yield _note(here, "one machine does nothing with " + ", ".join(f"`{key}`" for key in said))


def _is_said(part: Any, keys: list[str]) -> bool:
    """Whether a key below a part is written in the file."""
    if not isinstance(part, BaseModel) or keys[0] not in part.model_fields_set:
        return False
    return len(keys) == 1 or _is_said(getattr(part, keys[0]), keys[1:])


@rule
def https_needs_files(stack: Stack) -> Iterator[Finding]:
    """An issuer works in a cluster only."""
    tls = stack.router.tls
    if stack.router.https is not None and tls is not None and not tls.certificate and tls.issuer:
        message = "one machine has no issuer: it can't serve HTTPS without a certificate and a key"
        yield _note(("router", "https"), message, "add `tls.certificate` and `tls.key`")
