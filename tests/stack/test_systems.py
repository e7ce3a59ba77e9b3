"""The five systems that Fairlead must carry: their figures are reachable from their stack files."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.stack.load import environments, load
from fairlead.stack.model import Stack

FOLDER = Path(__file__).parents[2] / "examples"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
GIB = 2**30


def system(name: str, environment: str | None = None) -> Stack:
    return load(FOLDER / name / "fairlead.yaml", environment=environment, environ={})


@pytest.mark.parametrize("name", ["hub", "marketplace", "secret-detection", "optimizer", "exploration"])
def test_each_system_has_development_staging_and_production(name: str) -> None:
    """As overlays."""
    assert {"dev", "staging", "production"} <= set(environments(FOLDER / name / "fairlead.yaml"))


def test_the_hub_scales_from_three_to_ten_without_a_gap() -> None:
    """Targets, recommendations, disruption budget, spread, probes, identity, metrics for 30 days."""
    stack = system("hub")
    hub = stack.services["hub"]
    assert (hub.scale.min, hub.scale.max, hub.scale.vertical, hub.scale.disruption) == (3, 10, "recommend", 1)
    assert (hub.scale.targets.cpu, hub.scale.targets.memory) == (70, 80)
    assert hub.release.strategy == "rolling"
    assert hub.probes.startup
    assert hub.probes.readiness
    assert hub.probes.liveness
    assert (hub.hardening.user, hub.hardening.read_only_root, hub.placement.spread) == (1001, True, ["host"])
    assert stack.watching.metrics_keep == 30 * DAY
    assert stack.pipeline is not None
    assert set(stack.pipeline.systems) == {"linux", "macos", "windows"}


def test_the_web_page_of_redis_is_there_in_development_only() -> None:
    """And TLS through an issuer, behind a load balancer, in production."""
    assert "redis-ui" in system("hub", "dev").services
    production = system("hub", "production")
    assert "redis-ui" not in production.services
    assert production.router.tls is not None
    assert production.router.tls.issuer
    assert production.router.load_balancer


def test_the_marketplace_scales_each_service_in_its_own_way() -> None:
    """Bounds, targets and speed."""
    services = system("marketplace").services
    found = {
        name: (s.scale.min, s.scale.max, s.scale.targets.cpu, s.scale.targets.memory) for name, s in services.items()
    }
    assert found == {
        "publishing": (3, 50, 70, 80),
        "discovery": (5, 100, 60, 75),
        "consumption": (10, 200, 50, 70),
        "admin": (2, 10, 70, 80),
    }
    up = services["consumption"].scale.up
    assert up is not None
    assert (up.percent, up.every) == (100, 15)
    for service in services.values():
        assert service.scale.down is not None
        assert (service.scale.down.percent, service.scale.down.every) == (10, 5 * MINUTE)


def test_the_marketplace_keeps_its_promises() -> None:
    """Load, latency, availability, recovery; releases in three steps with five minutes of watching."""
    stack = system("marketplace", "production")
    latency = {name: service.objectives.latency.p95 for name, service in stack.services.items()}
    assert latency == {"publishing": 0.3, "discovery": 0.15, "consumption": 0.3, "admin": 0.4}
    assert (stack.objectives.requests_per_second, stack.objectives.concurrent_users) == (50_000, 10_000)
    assert (stack.objectives.availability, stack.objectives.cache_hit_rate) == (99.95, 90)
    assert (stack.recovery.rpo, stack.recovery.rto, stack.recovery.mttr) == (15 * MINUTE, HOUR, 30 * MINUTE)
    release = stack.services["consumption"].release
    assert (release.canary.steps, release.watch) == ([10, 50, 100], 5 * MINUTE)
    assert stack.mesh.mutual_tls
    assert stack.router.tls is not None
    assert stack.router.tls.minimum == "1.3"
    assert stack.security.encrypt_at_rest
    assert {name: store.replicas for name, store in stack.stores.items()} == dict.fromkeys(stack.stores, 3)


@pytest.mark.parametrize(
    ("environment", "keep", "budget"), [("dev", 7, 400), ("staging", 14, 900), ("production", 30, 2958)]
)
def test_the_marketplace_saves_and_costs_by_environment(environment: str, keep: int, budget: int) -> None:
    """Postgres hourly, everything else daily; kept longer the more it matters."""
    stack = system("marketplace", environment)
    backups = {name: store.backup for name, store in stack.stores.items() if store.backup} | {
        "cluster": stack.cluster_backup
    }
    assert {name: backup.every for name, backup in backups.items() if backup} == {
        "postgres": HOUR,
        "redis": DAY,
        "kafka": DAY,
        "cluster": DAY,
    }
    assert all(backup and backup.keep == keep * DAY for backup in backups.values())
    assert stack.cloud is not None
    assert stack.cloud.budget == budget


def test_the_marketplace_tells_of_trouble() -> None:
    """Critical alerts page, warnings go to chat; percentages and times as they are written."""
    watching = system("marketplace").watching
    found = {name: (a.metric, a.above, a.severity) for name, a in watching.alerts.items()}
    assert found["errors"] == ("errors", 0.01, "critical")
    assert found["slow"] == ("latency-p95", 1.0, "critical")
    assert found["errors-rise"] == ("errors", 0.005, "warning")
    assert found["slower"] == ("latency-p95", 0.5, "warning")
    assert watching.alerts["down"].lasting == 2 * MINUTE
    assert [watching.channels[name].kind for name in (*watching.critical, *watching.warning)] == ["pager", "chat"]
    assert len(watching.dashboards) == 6


def test_the_guard_has_its_resources_architectures_and_alerts() -> None:
    """250m / 512Mi to 500m / 1Gi; amd64 and arm64; 5xx over 5 % for 5 minutes."""
    stack = system("secret-detection")
    guard = stack.services["guard"]
    assert (guard.resources.cpu.request, guard.resources.cpu.limit) == (0.25, 0.5)
    assert (guard.resources.memory.request, guard.resources.memory.limit) == (GIB // 2, GIB)
    assert guard.placement.architectures == ["amd64", "arm64"]
    assert (stack.watching.alerts["errors"].above, stack.watching.alerts["errors"].lasting) == (0.05, 5 * MINUTE)
    assert stack.pipeline is not None
    assert (stack.pipeline.branches, stack.pipeline.approve) == (
        {"staging": "develop", "production": "main"},
        ["production"],
    )


def test_the_optimizer_has_its_ports_limits_and_seventeen_alerts() -> None:
    """REST, gRPC, metrics; four cores, 4 GiB; 90 days; six platforms; an external database in production."""
    stack = system("optimizer")
    optimizer = stack.services["optimizer"]
    assert {name: port.port for name, port in optimizer.ports.items()} == {"http": 8080, "grpc": 50051, "metrics": 9090}
    assert (optimizer.resources.cpu.limit, optimizer.resources.memory.limit) == (4, 4 * GIB)
    assert len(stack.watching.alerts) == 17
    assert stack.watching.metrics_keep == 90 * DAY
    assert stack.pipeline is not None
    assert len(stack.pipeline.platforms) == 6
    assert optimizer.release.migrate is not None
    assert optimizer.release.migrate.down
    assert system("optimizer", "production").stores["postgres"].external_secret == "database-url"  # a name


def test_the_exploration_platform_runs_in_three_clouds_and_recovers() -> None:
    """Each with another region that takes over."""
    providers = {}
    for environment in ("production", "production-gcp", "production-azure"):
        stack = system("exploration", environment)
        assert stack.cloud is not None
        providers[environment] = stack.cloud.provider
        assert stack.recovery.failover_region in stack.cloud.regions
        assert (stack.recovery.rto, stack.recovery.rpo) == (4 * HOUR, HOUR)
        assert stack.cloud.cdn
        assert stack.cloud.waf
        assert stack.cloud.ddos_protection
    assert list(providers.values()) == ["aws", "gcp", "azure"]
    postgres = system("exploration").stores["postgres"]
    assert postgres.backup is not None
    assert (postgres.backup.every, postgres.backup.keep) == (DAY, 30 * DAY)
    assert postgres.pooling
    assert postgres.read_replicas == 2
    assert system("exploration").stores["files"].versioning


def test_one_machine_is_enough_for_exploring_in_development() -> None:
    """No cloud at all."""
    assert system("exploration", "dev").cloud is None
