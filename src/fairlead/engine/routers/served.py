"""Whether Envoy serves by a configuration yet: it names, for each file, the version it last accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fairlead.engine.routers import names
from fairlead.engine.routers.admin import Stats
from fairlead.engine.routers.config import ENDPOINTS, ROUTES, Config

CLUSTERS, LISTENERS = "cluster_manager.cds", "listener_manager.lds"

ASKED = (
    r".+\.(version_text|update_rejected)|cluster_manager\.warming_clusters|listener_manager\.total_listeners_warming"
)
"""The series that tell."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The version that each of Envoy's subscriptions has to have: statistic's prefix -> version."""

    versions: Mapping[str, str]

    @classmethod
    def of(cls, config: Config) -> Expected:
        read = _read_by(config)
        tables = {_table(name): f"{ROUTES}/{names.file(name)}" for name in config.routes if name in read}
        each = {f"cluster.{name}": f"{ENDPOINTS}/{names.file(name)}" for name in config.endpoints}
        every = {CLUSTERS: "cds.json", LISTENERS: "lds.json", **each, **tables}
        return cls({prefix: config.files[path]["version_info"] for prefix, path in every.items()})

    def missing(self, stats: Stats) -> list[str]:
        """The subscriptions that are not there yet; those that warm up count too."""
        late = [prefix for prefix, version in self.versions.items() if stats.texts.get(_version(prefix)) != version]
        warming = {"cluster_manager.warming_clusters": CLUSTERS, "listener_manager.total_listeners_warming": LISTENERS}
        return late + [prefix for gauge, prefix in warming.items() if stats.of(gauge) and prefix not in late]

    def refused(self, missing: Iterable[str], before: Stats, now: Stats) -> list[str]:
        """Those among the missing whose new version Envoy has turned down since `before`."""
        rejected = {prefix: f"{prefix}.update_rejected" for prefix in missing}
        return [prefix for prefix, series in rejected.items() if now.of(series) > before.of(series)]


def _read_by(config: Config) -> set[str]:
    """The route tables that a listener reads; nobody watches the others."""
    filters = [one["filter_chains"][0]["filters"][0]["typed_config"] for one in config.listeners.values()]
    return {one["rds"]["route_config_name"] for one in filters if "rds" in one}


def _version(prefix: str) -> str:
    return f"{prefix}.version_text"


def _table(name: str) -> str:
    kind = name.partition("|")[0]
    return f"http.{kind if kind in (names.PUBLIC, names.SHADOW) else 'local'}.rds.{name}"


def plain(prefix: str) -> str:
    """What a subscription is about, for people."""
    kinds = {CLUSTERS: "versions", LISTENERS: "ports"}
    if prefix in kinds:
        return kinds[prefix]
    head, _, rest = prefix.partition(".")
    return (
        f"the endpoints of {rest.replace('|', ' ')}"
        if head == "cluster"
        else f"the routes of {rest.split('.rds.')[-1]}"
    )
