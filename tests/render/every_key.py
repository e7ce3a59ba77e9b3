"""Every key that a stack may have, with values to try, and what has to stand around it for them to fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_origin

from fairlead.kit.yaml import KeyPath
from fairlead.render.leaves import matches
from fairlead.stack import keys
from fairlead.stack.keys import Place

VALUES: dict[str, tuple[Any, ...]] = {
    "name": ("town", "village"),
    "services.*.image": ("ghcr.io/example/one:1", "ghcr.io/example/two:2"),
    "services.*.secrets": ({"ALPHA": "token"}, {"ALPHA": "pager"}),
    "services.*.with": ({"a": 1}, {"a": 2}),
    "services.*.probes.*.http.port": ("http", "metrics"),
    "services.*.expose.*.port": ("http", "grpc"),
    "services.*.scale.up.every": ("30s", "2m"),
    "services.*.scale.down.every": ("30s", "2m"),
    "services.*.probes.startup.within": ("30s", "45s"),
    "services.*.probes.*.grpc.port": ("grpc", "second"),
    "services.*.probes.*.grpc.service": ("alpha", "beta"),
    "services.*.resources.open_files": (1024, 2048),
    "stores.*.resources.open_files": (1024, 2048),
    "services.*.scale.max": (7, 9),
    "services.*.scale.disruption": (1, "40%"),
    "services.*.needs.*.name": ("postgres", "redis"),
    "services.*.volumes.*.path": ("/alpha", "/beta"),
    "services.*.objectives.quality": (0.25, 0.75),
    "services.*.release.strategy": ("rolling", "canary", "blue-green", "recreate"),
    "services.*.release.with": (["worker"], ["api"], ["other"]),
    "services.*.release.canary.pace": ("2m", "3m"),
    "services.*.release.canary.warm_up": ("2m", "3m"),
    "services.*.release.canary.deadline": ("36h", "72h"),
    "services.*.release.canary.steps": (["10%", "100%"], ["20%", "100%"]),
    "services.*.release.canary.indicators.*.source": ("scrape", "prometheus"),
    "services.*.release.canary.indicators.*.negligible": ("1%", "2%"),
    "services.*.release.canary.errors.negligible": ("1%", "2%"),
    "services.*.hardening.user": (1001, 2002),
    "services.*.hardening.writable": (["/alpha"], ["/beta"]),
    "services.*.hardening.capabilities": (["NET_BIND_SERVICE"], ["CHOWN"], []),
    "services.*.traffic.sticky_header": ("x-alpha", "x-beta"),
    "services.*.placement.architectures": (["amd64"], ["amd64", "arm64"]),
    "services.*.expose.*.host": ("api.example.com", "other.example.com"),
    "stores.*.storage": ("ssd", "hdd"),
    "stores.*.version": ("15", "16"),
    "stores.*.external": ("redis://one:6379/0", "redis://two:6379/0"),
    "secrets.*.file": ("alpha.env", "beta.env"),
    "docker.registries.*.user": ("alpha", "beta"),
    "docker.images": ({"redis": "one/redis"}, {"postgres": "one/postgres"}, {"python": "one/python"}),
    "router.address": ("127.0.0.1", "0.0.0.0"),
    "router.tls.certificate": ("alpha.pem", "beta.pem"),
    "router.tls.key": ("alpha.pem", "beta.pem"),
    "router.tls.minimum": ("1.2", "1.3"),
    "watching.remote_write": ("https://one.example.com/w", "https://two.example.com/w"),
    "watching.channels.*.escalate_to": ("pager", "chat", "mail"),
    "watching.critical": (["pager"], ["chat"]),
    "watching.warning": (["pager"], ["chat"]),
    "watching.alerts.*.service": ("api", "worker"),
    "pipeline.notify": (["pager"], ["chat"]),
    "pipeline.approve": (["production"], ["staging"]),
    "pipeline.branches": ({"production": "main"}, {"production": "live"}),
    "pipeline.platforms": (["linux/amd64"], ["linux/arm64"], ["linux/amd64", "linux/arm64"]),
    "services.*.resources.gpu": (1, 2),
    "services.*.scale.up.stabilise": ("1m", "10m"),
    "services.*.scale.down.stabilise": ("1m", "10m"),
    "services.*.restart.backoff": ("1s", "2s"),
    "watching.runbooks": ("https://one.example.com/r", "https://two.example.com/r"),
    "recovery.failover_region": ("eu-west-1", "us-east-1", "europe-west1", "us-central1", "westeurope", "eastus"),
    "cloud.region": ("eu-west-1", "us-east-1", "europe-west1", "us-central1", "westeurope", "eastus"),
    "cloud.regions": (["eu-west-1"], ["us-east-1"], ["europe-west1"], ["us-central1"], ["westeurope"], ["eastus"]),
    "cloud.nodes.*.machine": (
        *("m6i.large", "m6i.4xlarge", "n2-standard-2", "n2-standard-8", "Standard_D2s_v5", "Standard_D8s_v5"),
    ),
    "cloud.kubernetes": ("1.31", "1.32"),
    "cloud.cidr": ("10.1.0.0/16", "10.2.0.0/16"),
    "cloud.domain": ("example.com", "example.org"),
    "cloud.nodes.*.max": (3, 9),
    "cloud.nodes.*.min": (1, 2),
}
"""Of keys that name something else of the stack, or have a form of their own; by pattern."""

NAMES: dict[str, tuple[Any, ...]] = {
    "secret": ("token", "pager"),
    "external_secret": ("token", "pager"),
    "port": ("http", "tcp"),
    "node_group": ("general", "other"),
    "where": ("s3://one/x", "s3://two/x"),
    "prometheus": ("http://one:9090", "http://two:9090"),
    "url": ("http://one:9090", "http://two:9090"),
    "errors": ("a_total", "b_total"),
    "total": ("a_total", "b_total"),
    "cost_per_request": ("$0.01", "$0.02"),
    "budget": ("$100", "$200"),
    "margin": (1.5, 3),
    "quantile": ("90%", "99%"),
}
"""The same by the last part of the key."""

PROBE = "services.*.probes.*"
INDICATOR = "services.*.release.canary.indicators.*"

AROUND: dict[str, tuple[str, Any]] = {
    "services.*.image": ("services.*", {"command": None, "uses": None, "with": None}),
    "services.*.ports.*.path": ("services.*.ports.*", {"protocol": "metrics"}),
    f"{PROBE}.http": (PROBE, {"http": {"path": "/p"}}),
    f"{PROBE}.tcp": (PROBE, {"http": None, "tcp": {}}),
    f"{PROBE}.grpc": (
        "services.*",
        {
            "ports": {"second": {"port": 50052, "protocol": "grpc"}},
            "probes": {key: {"http": None, "grpc": {"service": "a"}} for key in ("startup", "readiness", "liveness")},
        },
    ),
    f"{PROBE}.command": (PROBE, {"http": None}),
    PROBE: (PROBE, {"http": {"path": "/p"}}),
    "services.*.scale.up": ("services.*.scale.up", {"percent": "50%"}),
    "services.*.scale.down": ("services.*.scale.down", {"percent": "50%"}),
    "services.*.needs.*.condition": ("services.*.needs", [{"name": "worker"}]),
    "services.*.needs.*.env": ("services.*.needs", [{"name": "redis"}]),
    "services.*.needs.*.port": ("services.*.needs", [{"name": "other"}]),
    "services.*.volumes.*.storage": ("kubernetes", {"ssd": "fast", "hdd": "slow"}),
    "stores.*.storage": ("kubernetes", {"ssd": "fast", "hdd": "slow"}),
    "services.*.traffic.sticky_header": ("services.*.traffic", {"sticky": "header"}),
    "services.*.release.hooks.before": ("services.*.release.hooks.before", [{"command": "true"}]),
    "services.*.release.hooks.after": ("services.*.release.hooks.after", [{"command": "true"}]),
    "services.*.release.migrate": ("services.*.release.migrate", {"up": "up"}),
    "services.*.release.canary.prometheus": ("services.*.release.canary.prometheus", {"url": "http://p:9090"}),
    f"{INDICATOR}.gauge": (INDICATOR, {}),
    f"{INDICATOR}.histogram": (INDICATOR, {}),
    f"{INDICATOR}.quantile": (INDICATOR, {"histogram": "h"}),
    f"{INDICATOR}.better": (INDICATOR, {"gauge": "g"}),
    f"{INDICATOR}.margin": (INDICATOR, {"gauge": "g"}),
    f"{INDICATOR}.source": (
        "services.*.release.canary",
        {"prometheus": {"url": "http://p:9090"}, "indicators": {"alpha": {"gauge": "g"}}},
    ),
    INDICATOR: (INDICATOR, {"errors": "e_total", "total": "t_total"}),
    "stores.*.backup": ("stores.*.backup", {"every": "1d", "where": "s3://there/x"}),
    "stores.*.backup.at": ("stores.*.backup", {"where": "s3://there/x"}),
    "stores.*.versioning": ("stores", {"alpha": {"kind": "objects", "managed": True}}),
    "secrets.*.env": ("secrets.*", {"manager": None}),
    "secrets.*.file": ("secrets.*", {"manager": None}),
    "docker.registries": ("docker.registries.*", {"user": "u", "secret": "token"}),
    "router.tls.certificate": ("router.tls", {"key": "key.pem", "certificate": "c.pem"}),
    "router.tls.key": ("router.tls", {"key": "key.pem", "certificate": "c.pem"}),
    "backup.at": ("backup", {"every": None}),
    "cluster_backup.at": ("cluster_backup", {"every": None}),
    "cluster_backup": ("cluster_backup", {"where": "s3://backups/cluster"}),
    "watching.alerts.*.below": ("watching.alerts.*", {"above": None}),
    "watching.channels.*.escalate_after": ("watching.channels.*", {"escalate_to": "mail"}),
    "kubernetes.hdd": ("stores.search", {"storage": "hdd"}),
}
"""What a key needs around it: laid over the place, which may hold `None` for what has to go; the longest pattern."""

ONE_VALUE = {
    "cloud.provider": "regions and machines are another one's too: the stacks to change keys in differ in all of them",
    "fairlead": "there is one version of the file format",
    "pipeline.forge": "there is one forge",
    "secrets.*.encrypted": "a secret that is not encrypted has another source",
    "services.*.probes.startup.successes": "is for readiness",
    "services.*.probes.liveness.successes": "is for readiness",
    "services.*.probes.readiness.within": "is for startup",
    "services.*.probes.liveness.within": "is for startup",
}
"""Keys with one value only, and why: no stack can have another."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A key without keys of ours below it; `*` is any name, a number an item of a list."""

    path: KeyPath
    place: Place

    @property
    def dotted(self) -> str:
        """As patterns are written."""
        return ".".join("*" if isinstance(part, int) else str(part) for part in self.path)


def leaves(place: Place = keys.ROOT, path: KeyPath = ()) -> Iterator[Leaf]:
    """All of the model's."""
    items, named = place.items(), place.named()
    if place.model is not None:
        for key, field in place.children().items():
            if (*path, key) != ("environments",):
                yield from leaves(keys.of_field(field), (*path, key))
    elif named is not None and (named.model or named.named() or named.items()):
        yield from leaves(named, (*path, "*"))
    elif items is not None and items.model:
        yield from leaves(items, (*path, 0))
    else:
        yield Leaf(path, place)


def values(leaf: Leaf) -> tuple[Any, ...]:
    """Different ones, as a file has them."""
    if _longest(VALUES, leaf.path):
        return tuple(_longest(VALUES, leaf.path))
    last = str(leaf.path[-1])
    if last in NAMES and leaf.place.annotation is not int:
        return NAMES[last]
    if found := keys.choices(leaf.place):
        return ([found[0]], list(found[:2])) if get_origin(leaf.place.annotation) is list else found
    return _by_kind(leaf.place)


def around(leaf: Leaf) -> list[Any] | None:
    """What has to be laid over the stack first: a pattern, and what belongs there."""
    said = _longest(AROUND, leaf.path)
    return None if said is None else list(said)


def _longest(table: dict[str, Any], path: KeyPath) -> Any:
    """The entry with the longest pattern that names the key or something above it."""
    exact = table is VALUES
    found = [key for key in table if matches(key, path) and (not exact or key.count(".") + 1 == len(path))]
    return table[max(found, key=lambda key: (key.count("."), len(key)))] if found else None


def _by_kind(place: Place) -> tuple[Any, ...]:
    example, annotation = place.example(), place.annotation
    if annotation is bool or bool in getattr(annotation, "__args__", ()):
        return (True, False)
    for sign, pair in {
        "%": ("31%", "47%"),
        "Mi": ("768Mi", "1536Mi"),
        "/s": ("31/s", "47/s"),
        "m": ("300m", "700m"),
    }.items():
        if example and example.endswith(sign):
            return pair
    if example == "30s":
        return ("2h", "3h", "36h", "72h")
    if example == "DATABASE_URL":
        return ("ALPHA", "BETA")
    if example == "/health":
        return ("/alpha", "/beta")
    if example == "python app.py":
        return ("python alpha.py", "python beta.py")
    if example == "30 2 * * *":
        return ("1 1 * * *", "2 2 * * *")
    return _by_type(annotation)


def _by_type(annotation: Any) -> tuple[Any, ...]:
    text = str(annotation)
    if text.startswith("dict["):
        member = ["alpha"] if "list[" in text else "alpha"
        other = ["beta"] if "list[" in text else "beta"
        key = "test" if "'lint'" in text else "ALPHA"
        return ({key: member}, {key: other})
    if "list[" in text:
        literal = "Literal[" in text
        words = (
            text.partition("Literal[")[2].partition("]")[0].replace("'", "").split(", ")
            if literal
            else ["alpha", "beta"]
        )
        return ([words[0]], words[:2], [words[-1]])
    if "float" in text:
        return (0.25, 0.75, 3)
    if "int" in text:
        return (3, 5, 8081)
    return ("alpha", "beta")
