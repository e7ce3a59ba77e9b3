"""Secrets are declared, have one source, and stand nowhere else in the file. No value is ever shown here."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any

from fairlead.kit import suggest
from fairlead.kit.yaml import KeyPath
from fairlead.stack import secretive
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.model import Stack

Finder = Callable[[str], Iterable[tuple[int, str]]]
"""Where secrets stand in a text, and what each of them is."""
FINDERS: dict[str, Finder] = {}
"""By name; filled from above, by `fairlead.daemon.apps` (apps know no stacks, and stacks no apps)."""

_SOURCES = ("env", "file", "encrypted", "manager")
_DAY = 86_400.0
_NAMED_FREELY = {"environment", "with", "args", "settings", "labels", "tags"}
_HEADERS = {"headers", "request_set", "response_set"}


@rule
def secrets_are_declared(stack: Stack) -> Iterator[Finding]:
    """What names a secret names one of this stack; the name itself is not shown, since it may be the value."""
    for path, name in references(stack):
        if name not in stack.secrets:
            near = suggest.nearest(name, stack.secrets)
            hint = f"did you mean `{near}`?" if near else "declare it: `secrets: {NAME: {env: VARIABLE}}`"
            yield Finding(path, "should name a secret declared under `secrets`, this one is not", hint)


def references(stack: Stack) -> Iterator[tuple[KeyPath, str]]:
    """Every place that names a secret."""
    for name, service in stack.services.items():
        for variable, secret in service.secrets.items():
            yield ("services", name, "secrets", variable), secret
        prometheus = service.release.canary.prometheus
        if prometheus is not None and prometheus.secret is not None:
            yield ("services", name, "release", "canary", "prometheus", "secret"), prometheus.secret
    for name, store in stack.stores.items():
        if store.external_secret is not None:
            yield ("stores", name, "external_secret"), store.external_secret
    for name, registry in stack.docker.registries.items():
        yield ("docker", "registries", name, "secret"), registry.secret
    for name, channel in stack.watching.channels.items():
        if channel.secret is not None:
            yield ("watching", "channels", name, "secret"), channel.secret


@rule
def secrets_have_one_source(stack: Stack) -> Iterator[Finding]:
    """A secret is found in exactly one place."""
    for name, secret in stack.secrets.items():
        here = ("secrets", name)
        said = [source for source in _SOURCES if getattr(secret, source)]
        if len(said) != 1:
            found = " and ".join(f"`{source}`" for source in said) or "none"
            message = f"should have one of `env`, `file`, `encrypted` or `manager`, got {found}"
            yield Finding(here, message, "keep one" if said else "such as `env: VARIABLE`")
        if secret.key is not None and said == ["env"]:
            yield Finding((*here, "key"), "is for a file or a manager, this is a variable", "take it out")
        if secret.rotate is not None and secret.rotate < _DAY:
            yield Finding((*here, "rotate"), "should be at least 1d", "such as `90d`")


@rule
def unused_secrets_are_told(stack: Stack) -> Iterator[Finding]:
    """A secret that nothing names is probably forgotten."""
    used = {name for _, name in references(stack)} | set(_texts(stack.environments))
    for name in stack.secrets:
        if name not in used:
            yield Finding(("secrets", name), "nothing uses this secret", "take it out, or name it in a service", "note")


def _texts(value: Any) -> Iterator[str]:
    """Every text in an overlay, which may name a secret too."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


@rule
def secrets_stand_nowhere_else(stack: Stack) -> Iterator[Finding]:
    """What looks like a secret does not belong into the file, in whichever key it stands.

    The name of a variable that a secret is given in (`admin_key: HUB_ADMIN_KEY`) is none.
    """
    data = stack.model_dump(mode="json", by_alias=True, exclude_unset=True)
    variables = {variable for service in stack.services.values() for variable in service.secrets}
    told = {found.path: found for found in _walk(data, ()) if _at(data, found.path) not in variables}
    yield from told.values()
    for path, kind in _found(data):
        if path not in told and _at(data, path) not in variables:
            yield _secret(path, kind)


def _at(value: Any, path: KeyPath) -> Any:
    for step in path:
        value = value[step]
    return value


def _walk(value: Any, path: KeyPath) -> Iterator[Finding]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, (*path, key))
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _word(value, n, (*path, n)) if isinstance(item, str) else _walk(item, (*path, n))
    elif _gives_away(value, path):
        yield _secret(path)


def _word(words: list[Any], n: int, path: KeyPath) -> Iterator[Finding]:
    """A word of a list, which may be a command line."""
    texts = [str(word) for word in words]
    if secretive.form(texts[n]) or secretive.argument(texts, n):
        yield _secret(path)


def _gives_away(value: Any, path: KeyPath) -> bool:
    if isinstance(value, str) and secretive.form(value):
        return True
    key, above = str(path[-1]) if path else "", set(map(str, path[:-1]))
    named = (above & _NAMED_FREELY and secretive.name(key)) or (above & _HEADERS and secretive.header(key))
    return bool(named) and not secretive.placeholder(value)


def _found(data: Any) -> Iterator[tuple[KeyPath, str]]:
    """What the finders see in the texts of the file, each with its key before it."""
    texts = list(_leaves(data, ())) if FINDERS else []
    lines = [
        f"{next((step for step in reversed(path) if isinstance(step, str)), '')}: {text}\n" for path, text in texts
    ]
    ends = list(accumulate(map(len, lines)))
    for finder in FINDERS.values():
        for at, kind in finder("".join(lines)):
            yield texts[bisect_right(ends, at)][0], kind


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, (*path, key))
    elif isinstance(value, str):
        yield path, value


def _secret(path: KeyPath, kind: str = "secret") -> Finding:
    hint = "use `external_secret`" if "external" in path else secretive.MEND
    what = "a secret" if kind == "secret" else f"a secret ({kind})"
    return Finding(path, f"looks like {what}, which has no place in this file", hint)
