"""Projects of Docker Compose."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.render.conftest import scene_named
from tests.render.judging import findings

from fairlead.errors import UsageError
from fairlead.render.rendering import Rendered, rendered
from fairlead.render.target import Scene
from fairlead.render.writing import write
from fairlead.stack.model import Stack

ASKED = re.compile(r"(?<!\$)\$\{\w+(.*?)\}")
ENDS = {"volume-owner", "kafka-topics", "optimizer-migrate"}
"""Containers that do their work and end."""

UNASKED = {"log-collector", "collector", "tempo", "jaeger"}
"""Containers whose image has nothing that could ask."""


def test_compose_reads_every_environment_without_a_warning(scene: Scene, tmp_path: Path) -> None:
    """Compose itself, in its second generation."""
    write(rendered("compose", scene).files, tmp_path)
    assert findings(["compose"], tmp_path) == []


def test_every_container_is_hardened_limited_and_asked(scene: Scene) -> None:
    """In every environment; a root is read-only unless its service says otherwise."""
    stacks = [scene.stack, *scene.environments.values()]
    loose = {name for one in stacks for name, said in one.services.items() if not said.hardening.read_only_root}
    for name, one in _containers(rendered("compose", scene)):
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["init"] is True, name
        assert {"cpus", "memory", "pids"} <= one["deploy"]["resources"]["limits"].keys(), name
        assert {"max-size", "max-file"} <= one["logging"]["options"].keys(), name
        ends = name in ENDS or "jobs" in one.get("profiles", [])
        assert one["restart"] == ("no" if ends else "unless-stopped"), name
        if not ends and name not in UNASKED:
            assert "healthcheck" in one, name
            assert "start_interval" not in one["healthcheck"], name
        if name not in ENDS | {"log-collector"}:
            assert not one["user"].startswith("0:"), name
        if "elasticsearch" not in name:
            assert one["read_only"] is (name not in loose), name


@pytest.mark.parametrize("name", ["prometheus", "front", "volume-owner"])
def test_a_service_called_like_what_stands_beside_the_stack_is_refused(name: str) -> None:
    """Or one of the two would be missing."""
    web = {"image": "registry.example/web:1.0", "ports": {"http": 80}, "expose": [{"path": "/"}]}
    stack = Stack.model_validate({"name": "shop", "services": {name: web}})
    with pytest.raises(UsageError, match=f"compose: `{name}`: what stands beside the stack"):
        rendered("compose", Scene(stack))


def test_a_variable_that_is_not_set_stops_compose(scene: Scene) -> None:
    """Or it would go on with nothing in its place."""
    for file in rendered("compose", scene).files:
        if file.path.endswith(("compose.yaml", "compose.development.yaml")):
            assert [found for found in ASKED.findall(file.text) if not found.startswith(":?")] == []


def test_the_hub_has_all_that_its_system_names() -> None:
    """Redis with a volume, Prometheus for thirty days, Grafana, the machine, and a page in development only."""
    found = rendered("compose", scene_named("hub"))
    services = _document(found, "production/compose.yaml")["services"]
    assert {"hub", "redis", "prometheus", "grafana", "node-exporter", "front"} <= services.keys()
    assert "--storage.tsdb.retention.time=30d" in services["prometheus"]["command"]
    assert services["hub"]["user"] == "1001:1001"
    assert services["hub"]["deploy"]["replicas"] == 3
    assert {port["published"] for port in services["front"]["ports"]} == {"80", "443"}
    assert "redis-ui" not in services
    assert "redis-ui" in _document(found, "dev/compose.yaml")["services"]
    assert "redis-ui" in _document(found, "compose.development.yaml")["services"]
    assert not any("ports" in one for name, one in services.items() if name != "front")


def test_the_optimizer_has_its_eleven_services_in_development() -> None:
    """And migrates before it starts."""
    services = _document(rendered("compose", scene_named("optimizer")), "dev/compose.yaml")["services"]
    assert len(services) >= 11
    assert {"postgres", "redis", "kafka", "postgres-ui", "redis-ui", "kafka-ui", "jaeger"} <= services.keys()
    done = {"condition": "service_completed_successfully"}
    assert services["optimizer"]["depends_on"]["optimizer-migrate"] == done


def test_only_who_needs_a_store_is_in_its_network() -> None:
    """And the network has no way out."""
    document = _document(rendered("compose", scene_named("hub")), "compose.yaml")
    inside = {name for name, one in document["services"].items() if "to-redis" in one.get("networks", [])}
    assert inside == {"redis", "hub", "redis-exporter"}
    assert document["networks"]["to-redis"] == {"internal": True}


def test_secrets_are_files_that_a_script_makes(tmp_path: Path) -> None:
    """It keeps what is there, tells what is missing, and has no value of its own."""
    stack = {
        "name": "town",
        "services": {
            "hub": {"uses": "hub", "needs": ["redis"], "secrets": {"OPENAI_API_KEY": "openai"}},
            "page": {"image": "example/page:1", "needs": ["redis"]},
        },
        "stores": {"redis": {"kind": "redis"}},
        "secrets": {"openai": {"env": "OPENAI_API_KEY"}},
    }
    found = rendered("compose", Scene(Stack.model_validate(stack)))
    write(found.files, tmp_path)
    document = _document(found, "compose.yaml")
    assert document["secrets"]["openai"] == {"file": "./secrets/openai"}
    assert "OPENAI_API_KEY" not in document["services"]["hub"]["environment"]
    script = str(tmp_path / "secrets.sh")
    first = subprocess.run([script], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=20)
    assert (first.returncode, "set OPENAI_API_KEY" in first.stderr) == (1, True)
    made = (tmp_path / "secrets/redis-password").read_text()
    given = {"PATH": "/usr/bin:/bin", "OPENAI_API_KEY": "from the shell"}
    assert subprocess.run([script], env=given, timeout=20).returncode == 0
    assert (tmp_path / "secrets/redis-password").read_text() == made
    assert (tmp_path / "secrets/openai").read_text() == "from the shell"
    assert (tmp_path / ".env").read_text() == f"REDIS_PASSWORD='{made}'\n"
    assert len(made) > 40


def _containers(found: Rendered) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in found.files:
        if file.path.endswith("compose.yaml"):
            yield from yaml.safe_load(file.text)["services"].items()


def _document(found: Rendered, path: str) -> Any:
    return yaml.safe_load(next(file.text for file in found.files if file.path == path))
