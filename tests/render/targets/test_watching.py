"""What is scraped, recorded, told, routed, shown and written down for those who are called."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from tests.render.conftest import SYSTEMS, scene_named
from tests.render.judging import findings

from fairlead.cli.main import root
from fairlead.render.checker import judged
from fairlead.render.cluster.objects import objects
from fairlead.render.leaves import left_out
from fairlead.render.parts import alerting
from fairlead.render.parts.escalating import Told, told_of
from fairlead.render.parts.objectives import objectives_of
from fairlead.render.parts.watching import burning, rehearsing
from fairlead.render.parts.watching.where import Where
from fairlead.render.parts.watching.words import TABLE
from fairlead.render.rendering import rendered
from fairlead.render.target import TARGETS, Scene
from fairlead.render.targets.prometheus import jobs
from fairlead.render.writing import write
from fairlead.stack.metric_words import WORDS

MINE = ("alertmanager", "grafana", "loki", "prometheus", "runbooks", "tracing")


def test_the_optimizer_has_its_seventeen_alerts() -> None:
    """Beside those made from its objectives."""
    groups = alerting.files(Where(scene_named("optimizer").stack))["alerts"]
    assert len([alert for group in groups for alert in group.alerts]) == 17


def test_the_optimizer_has_its_scrape_jobs() -> None:
    """Six, and the daemon whose releases one of its alerts is on."""
    names = [job["job_name"] for job in jobs(scene_named("optimizer").stack)]
    stores = ["postgres-exporter", "redis-exporter", "kafka-exporter"]
    assert names == ["prometheus", "optimizer", *stores, "node", "fairlead"]


def test_the_marketplace_pages_and_warns_at_its_figures() -> None:
    """Down over two minutes, errors over 1 %, p95 over a second page; half of it, disk and memory warn."""
    found = {
        (alert.name, alert.severity, alert.lasting_s, alert.expression.rpartition(" ")[2])
        for alert in alerting.alerts(Where(scene_named("marketplace").stack))
    }
    critical = {("Down", 120.0, "0"), ("Errors", 300.0, "0.01"), ("Slow", 300.0, "1")}
    warning = {("ErrorsRise", "0.005"), ("Slower", "0.5"), ("DiskFills", "0.8"), ("MemoryFills", "0.85")}
    assert critical <= {(name, lasting, bound) for name, severity, lasting, bound in found if severity == "critical"}
    assert warning <= {(name, bound) for name, severity, _, bound in found if severity == "warning"}


def test_every_alert_is_complete_and_has_a_runbook(scene: Scene) -> None:
    """Severity, summary, description, and a link to a file that is rendered."""
    pages = {file.path for file in rendered("runbooks", scene).files}
    for file in rendered("prometheus", scene).files:
        for group in yaml.safe_load(file.text)["groups"] if file.path.startswith("rules/") else ():
            for rule in group["rules"]:
                if "alert" in rule:
                    told = rule["annotations"]
                    assert rule["labels"]["severity"] in ("critical", "warning")
                    assert told["summary"]
                    assert told["description"]
                    assert told["runbook_url"].removeprefix("runbooks/") in pages


def test_every_alert_of_the_systems_is_rehearsed(scene: Scene) -> None:
    """It fires once, and is silent before and after."""
    for alert in alerting.alerts(Where(scene.stack)):
        assert alert.rehearsal is not None, alert.name
        assert alert.rehearsal.fires_at
        assert len(alert.rehearsal.silent_at) == 2


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
@pytest.mark.timeout(180)
def test_prometheus_takes_the_rules_and_every_rehearsal_holds(tmp_path: Path) -> None:
    """By its own tool; CI asks it of all five systems."""
    assert _findings("prometheus", "secret-detection", tmp_path) == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
def test_a_rehearsal_finds_an_alert_that_does_not_fire(tmp_path: Path) -> None:
    """Or it would prove nothing."""
    write(rendered("prometheus", scene_named("secret-detection")).files, tmp_path)
    rules = tmp_path / "rules" / "alerts.yml"
    rules.write_text(rules.read_text().replace("> 0.05", "> 0.99"))
    (verdict,) = judged(["promtool"], tmp_path)
    assert any("tests/alerts" in one.file for one in verdict.findings)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
@pytest.mark.timeout(180)
def test_every_word_can_be_rehearsed_on_a_server_and_in_a_cluster(tmp_path: Path) -> None:
    """Above or below a bound, whichever is bad."""
    watching: dict[str, Any] = {
        name: {"metric": name, **({"below": 0.5} if _is_good(name) else {"above": 0.5})} for name in WORDS
    }
    stack = scene_named("hub").stack.__class__.model_validate(
        {
            "name": "town",
            "services": {"hub": {"uses": "hub", "with": {"providers": ["echo"]}}},
            "stores": {"pg": {"kind": "postgres"}, "cache": {"kind": "redis"}, "bus": {"kind": "kafka"},
                       "find": {"kind": "elasticsearch"}},
            "watching": {"alerts": watching},
        }
    )  # fmt: skip
    for where in (Where(stack), Where(stack, "town")):
        folder = tmp_path / (where.namespace or "server")
        (folder / "rules").mkdir(parents=True)
        (folder / "tests").mkdir()
        groups = alerting.files(where)["alerts"]
        (folder / "rules" / "alerts.yml").write_text(yaml.safe_dump({"groups": [one.data("") for one in groups]}))
        alerts = [alert for group in groups for alert in group.alerts]
        assert {alert.labels["indicator"] for alert in alerts} == set(WORDS)
        if where.namespace:  # those that mean something else there
            alerts = [alert for alert in alerts if alert.labels["indicator"] in CLUSTERS_OWN]
        for ending, tests in rehearsing.tests("../rules/alerts.yml", alerts):
            (folder / "tests" / f"alerts{ending}.yml").write_text(yaml.safe_dump(tests))
        (verdict,) = judged(["promtool"], folder)
        assert [str(one) for one in verdict.findings] == []


CLUSTERS_OWN = ("certificate-days", "disk", "down", "failed-releases")


def _is_good(word: str) -> bool:
    return word in ("quality", "cache-hit-rate", "redis-hit-rate", "budget-left", "certificate-days")


def test_every_word_has_a_meaning() -> None:
    """And every meaning an expression."""
    assert TABLE.keys() == WORDS.keys()


def test_burn_rates_are_those_of_the_workbook() -> None:
    """Of 30 days; others in proportion."""
    page, ticket = burning.legs(30 * 86400.0, "critical"), burning.legs(30 * 86400.0, "warning")
    assert [(leg.long, leg.short, round(leg.factor, 6)) for leg in page] == [(3600, 300, 14.4), (21600, 1800, 6)]
    assert [(leg.long, leg.short, leg.factor) for leg in ticket] == [(86400, 7200, 3), (259200, 21600, 1)]
    assert [round(leg.factor, 3) for leg in burning.legs(28 * 86400.0, "critical")] == [13.44, 5.6]


def test_a_service_promises_what_its_stack_does_unless_it_says_otherwise() -> None:
    """Key by key."""
    stack = scene_named("marketplace").stack
    promised = objectives_of(stack, "discovery")
    assert promised.availability == 99.95
    assert promised.latency.p95 == 0.15
    assert promised.requests_per_second is None


def test_a_cluster_has_the_same_alerts_as_a_server(scene: Scene) -> None:
    """By name and severity; expressions are of the namespace."""
    server = {(alert.name, alert.severity) for alert in alerting.alerts(Where(scene.stack))}
    rules = [
        rule
        for _, found in objects(scene)
        if found["kind"] == "PrometheusRule"
        for group in found["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]
    assert {(rule["alert"], rule["labels"]["severity"]) for rule in rules} == server


def test_who_does_not_react_is_followed_by_who_is_next() -> None:
    """As the exploration platform declares it."""
    stack = scene_named("exploration").stack
    assert told_of(stack, "critical") == [Told("on-call", 0.0), Told("lead", 900.0)]
    data = yaml.safe_load(_file("alertmanager", "exploration", "alertmanager.yml"))
    waits = {route["receiver"]: route.get("group_wait") for route in data["route"]["routes"]}
    assert waits == {"on-call": None, "lead": "15m", "chat": None}


@pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not on this machine")
@pytest.mark.parametrize("system", SYSTEMS)
def test_alertmanager_takes_the_routes_and_each_alert_reaches_whom_it_has_to(system: str, tmp_path: Path) -> None:
    """By its own tool."""
    assert _findings("alertmanager", system, tmp_path) == []


@pytest.mark.parametrize("target", ["grafana", "loki", "tracing"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_dashboards_logs_and_traces_fit_their_schemas(target: str, system: str, tmp_path: Path) -> None:
    """And every expression of a dashboard can be read."""
    assert _findings(target, system, tmp_path) == []


def test_the_dashboards_are_those_of_the_systems() -> None:
    """Six of the marketplace; eight panels of the optimizer."""
    boards = [file.path for file in rendered("grafana", scene_named("marketplace")).files]
    names = {path.split("/")[1] for path in boards if path.startswith("dashboards/")}
    assert names == {f"{one}.json" for one in ("services", "infrastructure", "database", "cache", "queue", "business")}
    panels = yaml.safe_load(_file("grafana", "optimizer", "dashboards/optimizer.json"))["panels"]
    assert len(panels) == 8


def test_what_is_kept_is_kept_as_long_as_the_stack_says() -> None:
    """Metrics for 90 days, logs for 30, and nothing is sent to anybody."""
    assert "retention.time=90d" in _file("prometheus", "optimizer", "flags.env")
    loki = yaml.safe_load(_file("loki", "exploration", "loki.yml"))
    assert loki["limits_config"]["retention_period"] == "720h"
    assert loki["analytics"] == {"reporting_enabled": False}


def test_the_collector_keeps_the_share_that_the_stack_says() -> None:
    """Ten per cent where it says nothing."""
    collector = yaml.safe_load(_file("tracing", "marketplace", "collector.yml"))
    assert collector["processors"]["probabilistic_sampler"] == {"sampling_percentage": 10.0}


def test_runbooks_name_commands_that_there_are(scene: Scene) -> None:
    """Of Fairlead; a runbook with a wrong one costs minutes at night."""
    for file in rendered("runbooks", scene).files:
        for command in re.findall(r"^fairlead (?:--env \S+ )?([a-z]+)", file.text, re.MULTILINE):
            assert root.get_command(click.Context(root), command), f"{file.path}: {command}"


def test_runbooks_link_to_pages_that_there_are(scene: Scene) -> None:
    """All links are relative."""
    pages = {file.path for file in rendered("runbooks", scene).files}
    for file in rendered("runbooks", scene).files:
        folder = Path(file.path).parent
        for link in re.findall(r"\]\(([^)]+)\)", file.text):
            assert (folder / link).as_posix().replace("alerts/../", "") in pages


def test_a_runbook_says_what_may_be_lost_and_how_long_it_may_take() -> None:
    """As the marketplace promises it."""
    told = _file("runbooks", "marketplace", "disaster-recovery.md")
    assert "| postgres | 15m | 1h |" in told


@pytest.mark.parametrize("target", MINE)
def test_all_environments_render_and_no_secret_is_in_them(scene: Scene, target: str) -> None:
    """Secrets are named by their files."""
    for environment in (None, *scene.environments):
        found = Scene(scene.environments[environment] if environment else scene.stack, environment)
        assert rendered(target, found) == rendered(target, found)


@pytest.mark.parametrize("target", MINE)
def test_what_is_left_out_has_a_reason(target: str) -> None:
    """For people."""
    stack = scene_named("marketplace").stack
    module = __import__(f"fairlead.render.targets.{target}", fromlist=["LEFT_OUT"])
    assert all(one.why for one in left_out(stack, module.LEFT_OUT))


def _file(target: str, system: str, path: str) -> str:
    return next(file.text for file in rendered(target, scene_named(system)).files if file.path == path)


def _findings(target: str, system: str, folder: Path) -> list[str]:
    write(rendered(target, scene_named(system)).files, folder)
    return findings(TARGETS.get(target).checkers, folder)
