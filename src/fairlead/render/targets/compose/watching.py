"""What watches the stack: Prometheus, Alertmanager, Grafana, Loki, traces, and an exporter beside each store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairlead.render.parts.watching import scraping
from fairlead.render.targets.compose import networks, secrets, stores
from fairlead.render.targets.compose.containers import MI, container, disk, file, wrapped
from fairlead.render.targets.compose.health import every, fetched
from fairlead.render.targets.compose.networks import WATCHING
from fairlead.render.targets.compose.project import OUTSIDE, Asked, Data, Project, is_outside
from fairlead.render.targets.prometheus import flags
from fairlead.stack.model.resources import MemoryShare, Resources

PROMETHEUS = "quay.io/prometheus/prometheus:v3.5.0"
ALERTMANAGER = "quay.io/prometheus/alertmanager:v0.28.1"
GRAFANA = "docker.io/grafana/grafana:12.1.1"
LOKI = "docker.io/grafana/loki:3.5.3"
TEMPO = "docker.io/grafana/tempo:2.8.2"
JAEGER = "docker.io/jaegertracing/jaeger:2.9.0"
COLLECTOR = "docker.io/otel/opentelemetry-collector-contrib:0.132.0"
NOBODY = "65534:65534"
CONTAINERS = "/var/lib/docker/containers"
PASSWORD = "grafana-password"  # noqa: S105 - the name of a file

FOLDERS = ("prometheus", "alertmanager", "grafana", "loki", "tracing")
"""Targets whose files these read, each in a folder of its name beside the Compose file."""

EXPORTERS = {
    "postgres": "/bin/postgres_exporter",
    "redis": "/redis_exporter",
    "kafka": "/bin/kafka_exporter",
    "elasticsearch": "/bin/elasticsearch_exporter",
    "opensearch": "/bin/elasticsearch_exporter",
}
"""Where each one's program is in its image."""


def of(project: Project) -> Iterator[tuple[str, Data]]:
    """All of them. The collectors and Tempo have no health check: their images hold nothing that could ask."""
    yield "prometheus", _prometheus(project)
    yield "grafana", _grafana(project)
    yield "loki", _loki(project)
    yield "log-collector", _logs(project)
    if project.stack.watching.channels:
        yield "alertmanager", _alertmanager(project)
    if scraping.watches_machines(project.stack):
        yield scraping.NODE, _node(project)
    if scraping.public_addresses(project.stack):
        yield scraping.BLACKBOX, _blackbox(project)
    for name, kind, exporter in scraping.stores(project.stack):
        yield f"{name}-exporter", _exporter(project, name, kind, exporter)
    yield from _traces(project)


def _image(project: Project, usual: str) -> str:
    """Another one where the stack says so, by the usual name without registry and tag."""
    name = usual.partition("/")[2].rpartition(":")[0]
    wanted = project.stack.docker.images.get(name)
    return usual if wanted is None else wanted if ":" in wanted.rpartition("/")[2] else f"{wanted}:latest"


def _watcher(project: Project, image: str, user: str, *, more: Sequence[str] = (), memory: int = 512) -> Data:
    resources = Resources(memory=MemoryShare.model_construct(request=None, limit=memory * MI))
    return container(_image(project, image), user=user, resources=resources, networks=[WATCHING, *more])


def _prometheus(project: Project) -> Data:
    stack = project.stack
    asked = networks.to(project, [name for name, _, _ in scraping.services(stack)])
    out = [OUTSIDE] if stack.watching.remote_write else []
    found = _watcher(project, PROMETHEUS, NOBODY, more=[*asked, *out], memory=1024)
    found["volumes"] += [disk("prometheus", "/prometheus"), file("./prometheus", "/etc/prometheus")]
    config = ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
    hosts = {"extra_hosts": ["host.docker.internal:host-gateway"]}
    return {**found, **hosts, "command": [*config, *flags(stack)], "healthcheck": every(fetched(9090, "/-/ready"))}


def _alertmanager(project: Project) -> Data:
    channels = project.stack.watching.channels
    names = {channel.secret for channel in channels.values() if channel.secret}
    found = _watcher(project, ALERTMANAGER, NOBODY, more=[OUTSIDE], memory=256)
    found["volumes"] += [
        disk("alertmanager", "/alertmanager"),
        file("./alertmanager/alertmanager.yml", "/etc/alertmanager/alertmanager.yml"),
    ]
    found["secrets"] = [{"source": name, "target": f"/etc/alertmanager/secrets/{name}"} for name in sorted(names)]
    command = ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"]
    return {**found, "command": command, "healthcheck": every(fetched(9093, "/-/ready"))}


def _grafana(project: Project) -> Data:
    found = _watcher(project, GRAFANA, "472:0")
    found["volumes"] += [
        disk("grafana", "/var/lib/grafana"),
        file("./grafana/provisioning", "/etc/grafana/provisioning"),
        *([file("./grafana/dashboards", "/var/lib/grafana/dashboards")] if project.stack.watching.dashboards else []),
    ]
    environment = {
        "GF_SECURITY_ADMIN_PASSWORD__FILE": f"/run/secrets/{PASSWORD}",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GF_PLUGINS_PREINSTALL_DISABLED": "true",
        "GF_LOG_MODE": "console",
        "GF_USERS_ALLOW_SIGN_UP": "false",
    }
    waits = {"prometheus": {"condition": "service_healthy"}}
    check = every(fetched(3000, "/api/health"))
    return {**found, "environment": environment, "secrets": [PASSWORD], "depends_on": waits, "healthcheck": check}


def _loki(project: Project) -> Data:
    found = _watcher(project, LOKI, "10001:10001")
    found["volumes"] += [disk("loki", "/loki"), file("./loki/loki.yml", "/etc/loki/loki.yml")]
    return {**found, "command": ["-config.file=/etc/loki/loki.yml"], "healthcheck": every(fetched(3100, "/ready"))}


def _logs(project: Project) -> Data:
    """Reads what the engine writes, which only root can; it has no other right of root's."""
    found = _watcher(project, COLLECTOR, "0:0")
    found["volumes"] += [file(CONTAINERS, CONTAINERS), file("./loki/logs.yml", "/etc/otel/logs.yml")]
    waits = {"loki": {"condition": "service_healthy"}}
    return {**found, "command": ["--config=/etc/otel/logs.yml"], "depends_on": waits}


def _node(project: Project) -> Data:
    found = _watcher(project, scraping.NODE_EXPORTER.image, NOBODY, memory=128)
    root = {**file("/", "/host"), "bind": {"propagation": "rslave", "create_host_path": False}}
    found["volumes"].append(root)
    command = ["--path.rootfs=/host", "--web.listen-address=:9100"]
    return {**found, "pid": "host", "command": command, "healthcheck": every(fetched(9100, "/"))}


def _blackbox(project: Project) -> Data:
    found = _watcher(project, scraping.BLACKBOX_EXPORTER.image, NOBODY, more=[OUTSIDE], memory=128)
    found["volumes"].append(file("./prometheus/blackbox.yml", "/etc/blackbox/blackbox.yml"))
    command = ["--config.file=/etc/blackbox/blackbox.yml"]
    return {**found, "command": command, "healthcheck": every(fetched(9115, "/-/healthy"))}


def _exporter(project: Project, name: str, kind: str, exporter: scraping.Exporter) -> Data:
    store = project.stack.stores[name]
    inside = not is_outside(store)
    image = f"{exporter.image}-alpine" if kind == "redis" else exporter.image  # the plain one has no shell
    more = networks.of_store(project, name) if inside else [OUTSIDE]
    found = _watcher(project, image, NOBODY, more=more, memory=128)
    secret = store.external_secret or (secrets.password(name) if inside else secrets.url(name))
    read = secrets.read(secret)
    address = store.external or (stores.address(name, store, read) if inside else read)
    if kind == "kafka":
        found["command"] = [f"--kafka.server={address.removeprefix('kafka://')}"]
    else:
        address += "?sslmode=disable" if kind == "postgres" and inside else ""
        found |= wrapped({exporter.variable: address}, [EXPORTERS[kind]])
        found |= {} if store.external else {"secrets": [secret]}
    if inside:
        found["depends_on"] = {
            name: {"condition": "service_healthy", **({"required": False} if store.profiles else {})}
        }
    if store.profiles:
        found["profiles"] = list(store.profiles)
    return {**found, "healthcheck": every(fetched(exporter.port, "/"))}


def _traces(project: Project) -> Iterator[tuple[str, Data]]:
    kind = project.stack.watching.traces
    if kind == "none":
        return
    found = _watcher(project, COLLECTOR, "10001:10001", more=[OUTSIDE] if kind == "otlp" else [], memory=640)
    found["volumes"].append(file("./tracing/collector.yml", "/etc/otel/collector.yml"))
    if kind == "otlp":
        found["environment"] = {"OTLP_ENDPOINT": Asked("${OTLP_ENDPOINT:?the address that traces are sent to}")}
    else:
        found["depends_on"] = {kind: {"condition": "service_started"}}
    yield "collector", {**found, "command": ["--config=/etc/otel/collector.yml"]}
    if kind == "tempo":
        tempo = _watcher(project, TEMPO, "10001:10001")
        tempo["volumes"] += [disk("tempo", "/var/tempo"), file("./tracing/tempo.yml", "/etc/tempo/tempo.yml")]
        yield "tempo", {**tempo, "command": ["-config.file=/etc/tempo/tempo.yml"]}
    if kind == "jaeger":
        jaeger = _watcher(project, JAEGER, "10001:10001")
        jaeger["volumes"] += [disk("jaeger", "/badger"), file("./tracing/jaeger.yml", "/etc/jaeger/jaeger.yml")]
        yield "jaeger", {**jaeger, "command": ["--config=/etc/jaeger/jaeger.yml"]}
