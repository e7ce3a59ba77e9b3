"""Prometheus: what is scraped, recorded and told, with a rehearsal of every alert.

Addresses are the names that a Compose network gives (`<service>:<port>`, `<store>-exporter:<port>`, `node-exporter`,
`blackbox-exporter`, `alertmanager`), so that all instances behind a name are found. A store's exporter is called after
the store. How long metrics are kept is a flag of the server, not a setting: it stands in `flags.env`, the form that
Debian's service and Compose's `env_file` read. Alerts that rest on a service's own metrics are only made for services
with a port for them. Alerts on releases ask the daemon (`fairlead daemon start --listen …:9464`), whose token, the file
`token` of the state folder, has to be at `/etc/prometheus/secrets/fairlead-token`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from fairlead.render.leaves import left_out
from fairlead.render.parts import alerting
from fairlead.render.parts.dumping import HEADER, SOURCE, yaml_text
from fairlead.render.parts.watching import rehearsing, scraping
from fairlead.render.parts.watching.alert import clock
from fairlead.render.parts.watching.where import Where
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.prometheus.leaving import LEFT_OUT, unsupported
from fairlead.stack.model import Stack

Job = dict[str, Any]

NOT_LABELS = re.compile(r"[^a-zA-Z0-9_]")


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """`prometheus.yml`, `rules/` and `tests/`."""
    stack = scene.stack
    yield from left_out(stack, LEFT_OUT)
    yield from unsupported(stack)
    yield File("prometheus.yml", yaml_text(_configuration(scene)))
    yield File("flags.env", HEADER.format(source=SOURCE) + f'ARGS="{" ".join(flags(stack))}"\n')
    base = alerting.runbooks(stack)
    for name, groups in alerting.files(Where(stack)).items():
        yield File(f"rules/{name}.yml", yaml_text({"groups": [group.data(base) for group in groups]}))
        alerts = [alert for group in groups for alert in group.alerts]
        for ending, tests in rehearsing.tests(f"../rules/{name}.yml", alerts):
            yield File(f"tests/{name}{ending}.yml", yaml_text(tests))
    if addresses := scraping.public_addresses(stack):
        yield File("blackbox.yml", yaml_text(BLACKBOX))
        yield File("targets/certificates.yml", yaml_text([{"targets": addresses}]))


BLACKBOX = {"modules": {"https": {"prober": "http", "timeout": "5s", "http": {"fail_if_not_ssl": True}}}}


def flags(stack: Stack) -> list[str]:
    """What the server is started with."""
    return [f"--storage.tsdb.retention.time={clock(stack.watching.metrics_keep)}", "--web.enable-lifecycle"]


def _configuration(scene: Scene) -> dict[str, Any]:
    stack = scene.stack
    labels = {_label(key): value for key, value in stack.labels.items()}
    whose = {"stack": stack.name, **({"environment": scene.environment} if scene.environment else {})}
    found: dict[str, Any] = {
        "global": {
            "scrape_interval": scraping.EVERY,
            "scrape_timeout": scraping.TIMEOUT,
            "evaluation_interval": scraping.EVERY,
            "external_labels": {**labels, **whose},
        },
        "rule_files": ["rules/*.yml"],
    }
    if stack.watching.channels:
        found["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]}
    if stack.watching.remote_write:
        found["remote_write"] = [{"url": stack.watching.remote_write, "name": "remote"}]
    return found | {"scrape_configs": list(jobs(stack))}


def jobs(stack: Stack) -> Iterator[Job]:
    """Itself, services, stores and machines; the daemon where an alert is on releases."""
    yield {"job_name": "prometheus", "static_configs": [{"targets": ["localhost:9090"]}]}
    for name, service, where in scraping.services(stack):
        own = {_label(key): value for key, value in service.labels.items()}
        yield _found_by_name(name, where.path, name, where.number, {"service": name, **own})
    for name, _, exporter in scraping.stores(stack):
        yield _found_by_name(f"{name}-exporter", "/metrics", f"{name}-exporter", exporter.port, {"store": name})
    if scraping.watches_machines(stack):
        yield _found_by_name("node", "/metrics", scraping.NODE, scraping.NODE_EXPORTER.port, {})
    if any(alert.metric.startswith(("failed-releases", "fairlead_")) for alert in stack.watching.alerts.values()):
        key = {"credentials_file": "/etc/prometheus/secrets/fairlead-token"}
        told = [{"targets": ["host.docker.internal:9464"]}]
        yield {"job_name": "fairlead", "authorization": key, "static_configs": told}
    if scraping.public_addresses(stack):
        yield _certificates()


def _found_by_name(job: str, path: str, host: str, port: int, labels: dict[str, str]) -> Job:
    """Every instance that the network's name server knows under a name."""
    told = [{"target_label": key, "replacement": value} for key, value in labels.items()]
    discovery = {"names": [host], "type": "A", "port": port, "refresh_interval": "15s"}
    return {
        "job_name": job,
        **({"metrics_path": path} if path != "/metrics" else {}),
        "dns_sd_configs": [discovery],
        **({"relabel_configs": told} if told else {}),
    }


def _certificates() -> Job:
    """Asked by the blackbox exporter, which is told the address as a parameter."""
    return {
        "job_name": "certificates",
        "metrics_path": "/probe",
        "scrape_interval": "5m",
        "params": {"module": ["https"]},
        "file_sd_configs": [{"files": ["targets/certificates.yml"]}],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {
                "target_label": "__address__",
                "replacement": f"{scraping.BLACKBOX}:{scraping.BLACKBOX_EXPORTER.port}",
            },
        ],
    }


def _label(key: str) -> str:
    """A label of the stack as Prometheus may have it, apart from its own."""
    return "label_" + NOT_LABELS.sub("_", key)


TARGETS.register("prometheus")(
    Target("Prometheus: scraping, rules, alerts, and a rehearsal of each alert", render, ("promtool", "promql"))
)
