"""The daemon's own metrics in Prometheus' text format, per service and version."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.engine.router import Traffic

NAMES = {
    "fairlead_requests_total": ("counter", "Requests that the router carried."),
    "fairlead_errors_total": ("counter", "Requests answered with a 5xx status, or not at all."),
    "fairlead_requests_in_flight": ("gauge", "Requests, streams and upgraded connections under way."),
    "fairlead_request_duration_seconds": ("histogram", "Whole response times as the router saw them."),
    "fairlead_share_percent": ("gauge", "Share of the requests that a version is given."),
    "fairlead_instances_wanted": ("gauge", "Instances that should run."),
    "fairlead_instances_ready": ("gauge", "Instances that are ready."),
    "fairlead_instance_restarts_total": ("counter", "Starts after the first one, over all instances of a version."),
    "fairlead_releases_failed_total": ("counter", "Releases that were taken back, or failed otherwise; by service."),
    "fairlead_canary_share_percent": ("gauge", "Requests, or copies of them, that a version under judgement is given."),
    "fairlead_canary_worse_ratio": ("gauge", "How far an indicator is to taking the release back, 0 to 1."),
    "fairlead_canary_within_ratio": ("gauge", "How far an indicator is to what a promotion needs, 0 to 1."),
    "fairlead_canary_silent": ("gauge", "1 while an indicator gives no evidence, so that the share stays as it is."),
    "fairlead_canary_paused": ("gauge", "1 while somebody holds the release where it is."),
    "fairlead_canary_seconds_left": ("gauge", "Seconds to a verdict at the present traffic; missing while unknown."),
}
"""Metric -> its type and what it says; the reference page is made from this."""


def text(
    status: dict[str, Any], traffic: dict[tuple[str, str], Traffic], failed: Mapping[str, int] | None = None
) -> str:
    """All metrics of one status; `failed` is how many releases of each service did not get in."""
    name = "fairlead_releases_failed_total"
    ended = [(name, f'{name}{{service="{service}"}}', str(count)) for service, count in (failed or {}).items()]
    samples = [*_samples(status, traffic), *ended]
    lines = []
    for name, (kind, words) in NAMES.items():
        lines += [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]
        lines += [f"{sample} {value}" for family, sample, value in samples if family == name]
    return "\n".join(lines) + "\n"


def _samples(status: dict[str, Any], traffic: dict[tuple[str, str], Traffic]) -> Iterator[tuple[str, str, str]]:
    for judged in {one["release"]: one for service in status["services"] if (one := service.get("judging"))}.values():
        yield from _canary(judged)
    for service in status["services"]:
        for version in service["versions"]:
            labels = f'service="{service["name"]}",version="{version["version"]}"'
            plain = {
                "fairlead_requests_total": version["requests"],
                "fairlead_errors_total": version["errors"],
                "fairlead_requests_in_flight": version["in_flight"],
                "fairlead_share_percent": version["share"],
                "fairlead_instances_wanted": version["wanted"],
                "fairlead_instances_ready": version["ready"],
                "fairlead_instance_restarts_total": sum(one["restarts"] for one in version["instances"]),
            }
            for name, value in plain.items():
                yield name, f"{name}{{{labels}}}", f"{value:g}"
            yield from _histogram(labels, traffic.get((service["name"], version["version"]), Traffic()))


def _canary(judged: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    release = f'service="{judged["services"][0]}",version="{judged["to"]}",release="{judged["release"]}"'
    plain = {
        "fairlead_canary_share_percent": judged["share"],
        "fairlead_canary_paused": int(bool(judged["paused"])),
        "fairlead_canary_seconds_left": judged["seconds_left"],
    }
    for name, value in plain.items():
        if value is not None:
            yield name, f"{name}{{{release}}}", f"{value:g}"
    for row in judged["indicators"]:
        labels = f'{release},indicator="{row["name"]}"'
        for part in ("worse", "within"):
            name = f"fairlead_canary_{part}_ratio"
            yield name, f"{name}{{{labels}}}", f"{row[part]:.4g}"
        yield "fairlead_canary_silent", f"fairlead_canary_silent{{{labels}}}", str(int(bool(row["silent"])))


def _histogram(labels: str, traffic: Traffic) -> Iterator[tuple[str, str, str]]:
    name = "fairlead_request_duration_seconds"
    for bound_ms, count in sorted(traffic.latency_ms.items()):
        bound = "+Inf" if math.isinf(bound_ms) else f"{bound_ms / 1000:g}"
        yield name, f'{name}_bucket{{{labels},le="{bound}"}}', str(count)
    if traffic.latency_ms:
        yield name, f"{name}_count{{{labels}}}", str(max(traffic.latency_ms.values()))
