"""Names that other things are called by too: as long as they may be, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack

LONGEST = 63
"""Of a namespace (RFC 1123)."""

KEPT = {"default": "every namespace has an account of this name", "deployer": "a pipeline's account has this name"}
"""Names of services that a cluster, or what is rendered for it, has already."""

BESIDE = ("canary", "headless", "preview")
"""What is put behind a service's name for its further addresses."""

_DATABASE = re.compile(r"(?!pg_)[A-Za-z_][A-Za-z0-9_-]{0,62}")
_TEMPLATES = ("template0", "template1")
_KEPT_NAMESPACES = re.compile(r"kube-.*|default")


@rule
def names_fit_together(stack: Stack) -> Iterator[Finding]:
    """The stack's name and an environment's are one namespace."""
    if stack.kubernetes.namespace is not None:
        return
    for environment in stack.environments:
        length = len(f"{stack.name}-{environment}")
        if length > LONGEST:
            message = f"with the stack's name it should be at most {LONGEST} characters, got {length}"
            yield Finding(("environments", environment), message, "shorten it, or set `kubernetes.namespace`")


@rule
def namespaces_are_ours(stack: Stack) -> Iterator[Finding]:
    """What is rendered sets rules for its namespace, which should not be the cluster's own."""
    named = stack.kubernetes.namespace is not None
    if _KEPT_NAMESPACES.fullmatch(stack.kubernetes.namespace or stack.name):
        path = ("kubernetes", "namespace") if named else ("name",)
        yield Finding(path, "is a namespace that every cluster has for itself", "choose one of your own")


@rule
def services_have_names_of_their_own(stack: Stack) -> Iterator[Finding]:
    """No service is called what something else is called in a cluster."""
    for here, _ in services(stack):
        name = str(here[1])
        first, _, last = name.rpartition("-")
        if name in KEPT:
            yield Finding(here, f"should have another name: {KEPT[name]}", "rename it")
        elif last in BESIDE and first in stack.services:
            yield Finding(here, f"should have another name: `{first}` has an address of this name", "rename it")


@rule
def port_names_are_services(stack: Stack) -> Iterator[Finding]:
    """A port's name is that of a service of IANA's form (RFC 6335, 5.1): no two dashes beside each other."""
    for here, service in services(stack):
        for name in service.ports:
            if "--" in name:
                yield Finding((*here, "ports", name), "should not have two dashes beside each other", "take one out")


@rule
def databases_have_names(stack: Stack) -> Iterator[Finding]:
    """A database's name is one that Postgres gives away; managed ones are letters, digits and underscores only
    (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html)."""
    for name, store in stack.stores.items():
        where = ("stores", name, "database")
        if store.kind != "postgres":
            continue
        if not _DATABASE.fullmatch(store.database) or store.database in _TEMPLATES:
            message = "should be at most 63 letters, digits, `_` or `-` that begin with a letter, and not with `pg_`"
            yield Finding(where, message, "such as `app`")
        elif store.managed and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", store.database):
            message = "should be letters, digits and underscores where a provider runs it"
            yield Finding(where, message, "such as `app`")


@rule
def versions_begin_with_numbers(stack: Stack) -> Iterator[Finding]:
    """A store's version is that of a server, which an image is chosen by."""
    for name, store in stack.stores.items():
        if store.version is not None and not re.fullmatch(r"\d+(\.\d+){0,3}(-[\w.-]+)?", store.version):
            yield Finding(("stores", name, "version"), "should be a version that begins with a number", "such as `16`")
