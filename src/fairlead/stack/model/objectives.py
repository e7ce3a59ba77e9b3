"""What a service promises: absolute objectives for alerts and budgets, and indicators that judge a new version."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fairlead.stack.model.base import Duration, Model, Money, Name, Percent, Ratio


class Latency(Model):
    """Response times that hold for that part of the requests."""

    p50: Duration | None = None
    """Half of the requests are faster."""

    p95: Duration | None = None
    """95 % of the requests are faster."""

    p99: Duration | None = None
    """99 % of the requests are faster."""


class Objectives(Model):
    """Promises to users. Alerts, dashboards and the shared guard of releases are made from them."""

    availability: Percent | None = Field(default=None, le=100)
    """Part of the requests that get a good answer, over `window`."""

    window: Duration = 30 * 86400.0
    """The time an error budget is counted over."""

    latency: Latency = Latency()
    """Whole response times."""

    first_token: Latency = Latency()
    """Times to the first token of a streamed answer."""

    error_rate: Percent | None = Field(default=None, le=100)
    """Errors that page beyond this."""

    requests_per_second: float | None = Field(default=None, gt=0)
    """Load it is built for."""

    concurrent_users: int | None = Field(default=None, gt=0)
    """Users at once it is built for."""

    cache_hit_rate: Percent | None = Field(default=None, le=100)
    """Part of the requests answered from the cache."""

    cost_per_request: Money | None = None
    """Mean cost of a request."""

    quality: float | None = Field(default=None, ge=0, le=1)
    """Mean quality score, 0 to 1."""

    drift: float | None = Field(default=None, ge=0)
    """Largest drift score."""


class Indicator(Model):
    """A metric of the service by which a new version is compared with the present one.

    Exactly one of `errors` with `total` (a ratio of counters), `histogram`, or `gauge`.
    """

    errors: str | None = None
    """Counter of bad events (Prometheus name with optional label matchers)."""

    total: str | None = None
    """Counter of all events."""

    histogram: str | None = None
    """Histogram; a bad event is a value over the stable version's own `quantile`."""

    quantile: Percent = 95.0
    """The quantile of `histogram` that the stable version sets."""

    gauge: str | None = None
    """Gauge or summary whose mean is compared."""

    better: Literal["lower", "higher"] = "lower"
    """Which way is good."""

    margin: Ratio | None = None
    """Ratio to the stable version beyond which the new one is worse than it may be.
    Default: 2 for events and quantiles, 1.15 for means."""

    negligible: Percent | None = Field(default=None, gt=0, lt=100)
    """Rate of bad events under which the new version is good whatever the ratio. Without one, a service that never has
    a bad event gives no evidence."""

    source: Name = "scrape"
    """Who is asked: `scrape` (each instance's own metrics), `prometheus` (the server of `canary.prometheus`), or one
    that a package registers under `fairlead.sources`."""


class Errors(Model):
    """Failed requests, as the router sees them, in the judgement of a new version."""

    margin: Ratio = 2.0
    """Ratio to the stable version's error rate beyond which the new version is worse than it may be."""

    negligible: Percent | None = Field(default=0.1, gt=0, lt=100)
    """Error rate under which the new version is good whatever the ratio; `null` for no such rate."""


class Slowness(Model):
    """Requests slower than the stable version's own quantile, as the router sees them."""

    quantile: Percent = Field(default=95.0, gt=50, lt=100)
    """The quantile that the stable version sets before the release; slower requests are counted."""

    margin: Ratio = 2.0
    """Ratio to the stable version's rate of slow requests beyond which the new version is worse than it may be."""

    judged: bool = True
    """Whether it counts."""


class PrometheusServer(Model):
    """A Prometheus server that scrapes the service's instances."""

    url: str
    """Its address, such as `http://127.0.0.1:9090`."""

    secret: Name | None = None
    """The secret that holds a bearer token."""

    version_label: str = "version"
    """The label that tells versions apart. Its values are the names of the versions."""

    labels: dict[str, str] = Field(default_factory=dict)
    """Labels that pick the series of this service out."""

    stale: Duration = 60.0
    """Samples older than this are no evidence."""


class Recovery(Model):
    """How much may be lost, and how long it may take to be back."""

    rpo: Duration | None = None
    """Recovery point objective: the newest data that may be lost."""

    rto: Duration | None = None
    """Recovery time objective: from loss to service."""

    mttr: Duration | None = None
    """Mean time to recover from an incident."""

    drill: Duration | None = None
    """How often a restore is proven."""

    failover_region: str | None = None
    """The region that takes over."""


class Channel(Model):
    """Somewhere alerts or news of releases go."""

    kind: Literal["pager", "chat", "mail", "webhook"]
    """What it is."""

    secret: Name | None = None
    """The secret that holds its address or key."""

    to: str | None = None
    """Channel, schedule or address."""

    escalate_to: Name | None = None
    """The channel told when nobody answers in `escalate_after`."""

    escalate_after: Duration = 900.0
    """How long it waits for an answer."""
