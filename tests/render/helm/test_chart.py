"""The chart: what Helm makes of it is what the kubernetes target renders."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from tests.render.conftest import scene_named

from fairlead.render.checkers.helm import library
from fairlead.render.cluster.objects import identity, objects
from fairlead.render.rendering import rendered
from fairlead.render.target import Scene
from fairlead.render.writing import write

RECORDING = Path(__file__).with_name("recording.py")
needs_helm = pytest.mark.skipif(library() is None, reason="no Python here has helm-sdkpy (FAIRLEAD_HELM_PYTHON)")
Objects = list[dict[str, Any]]
MANAGED = "app.kubernetes.io/managed-by"


@needs_helm
@pytest.mark.timeout(180)
def test_a_chart_makes_exactly_the_objects_of_each_environment(scene: Scene, tmp_path: Path) -> None:
    """By Helm itself, with its defaults and with each environment's values; the namespace is Helm's own."""
    write(rendered("helm", scene).files, tmp_path)
    every = dict(_environments(scene))
    values = [yaml.safe_load((tmp_path / f"values-{name}.yaml").read_text()) if name else {} for name in every]
    made = _installed(tmp_path, list(zip(every.values(), values, strict=True)))
    for wanted, objects_made in zip(every.values(), made, strict=True):
        assert objects_made == {identity(one): one for one in wanted if one["kind"] != "Namespace"}


@needs_helm
def test_a_store_of_somebody_else_replaces_the_one_of_the_chart(tmp_path: Path) -> None:
    """Its objects go, and services read the URL from the Secret that is named."""
    scene = scene_named("hub")
    write(rendered("helm", scene).files, tmp_path)
    wanted = [one for _, one in objects(scene)]
    values = {"stores": {"redis": {"enabled": False, "externalSecret": "my-redis"}}}
    (made,) = _installed(tmp_path, [(wanted, values)])
    assert not [one for one in made.values() if one["metadata"]["labels"]["app.kubernetes.io/name"] == "redis"]
    pod = next(one for one in made.values() if one["kind"] == "Deployment" and one["metadata"]["name"] == "hub")[
        "spec"
    ]["template"]["spec"]
    address = next(one for one in pod["containers"][0]["env"] if one["name"] == "REDIS_URL")
    assert address["valueFrom"]["secretKeyRef"] == {"name": "my-redis", "key": "url"}
    assert not pod["initContainers"]


@needs_helm
def test_changed_settings_make_a_new_version_of_the_pods(tmp_path: Path) -> None:
    """Their digest is an annotation of the template."""
    scene = scene_named("hub")
    write(rendered("helm", scene).files, tmp_path)
    wanted = [one for _, one in objects(scene)]
    plain, other = _installed(tmp_path, [(wanted, {}), (wanted, {"services": {"hub": {"settings": "{}"}}})])
    assert _digest(plain) != _digest(other)


def test_the_values_of_every_environment_fit_the_schema(scene: Scene) -> None:
    """And a key that nobody knows does not."""
    files = {file.path: file.text for file in rendered("helm", scene).files}
    schema = json.loads(files["values.schema.json"])
    values = yaml.safe_load(files["values.yaml"])
    jsonschema.validate(values, schema)
    with pytest.raises(jsonschema.ValidationError, match="Additional properties"):
        jsonschema.validate({**values, "servces": {}}, schema)
    assert {f"values-{name}.yaml" for name in scene.environments} <= files.keys()


def test_a_chart_has_a_switch_for_each_way_in() -> None:
    """HTTP and gRPC, as the optimizer needs both."""
    files = {file.path: file.text for file in rendered("helm", scene_named("optimizer")).files}
    assert yaml.safe_load(files["values.yaml"])["ingress"]["grpc"] == {"enabled": True}
    assert ".Values.ingress.grpc.enabled" in files["templates/entrance.yaml"]
    assert ".Values.ingress.http.enabled" in files["templates/entrance.yaml"]


def _environments(scene: Scene) -> Iterator[tuple[str | None, Objects]]:
    yield None, [one for _, one in objects(scene)]
    for name, stack in scene.environments.items():
        yield name, [one for _, one in objects(replace(scene, stack=stack, environment=name))]


def _installed(chart: Path, jobs: list[tuple[Objects, dict[str, Any]]]) -> list[dict[tuple[str, ...], Any]]:
    """What Helm sends for each pair of wanted objects (which name the kinds of the cluster) and values."""
    kinds: dict[str, dict[str, str]] = {"v1": {"Secret": "secrets"}}
    for one in (one for wanted, _ in jobs for one in wanted):
        kinds.setdefault(one["apiVersion"], {})[one["kind"]] = f"{one['kind'].lower()}s"
    told = [{"namespace": _namespace(wanted), "values": values} for wanted, values in jobs]
    (chart / "jobs.json").write_text(json.dumps(told))
    command = [library() or "", str(RECORDING), str(chart), json.dumps(kinds), str(chart / "jobs.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [{identity(one): _without_marks(one) for one in json.loads(line)} for line in done.stdout.splitlines()]


def _namespace(wanted: Objects) -> str:
    return str(next(one["metadata"]["name"] for one in wanted if one["kind"] == "Namespace"))


def _without_marks(one: dict[str, Any]) -> dict[str, Any]:
    metadata = one["metadata"]
    own = {key: value for key, value in metadata.pop("annotations").items() if not key.startswith("meta.helm.sh/")}
    labels = {**metadata["labels"], MANAGED: "fairlead"}
    return {**one, "metadata": {**metadata, "labels": labels, **({"annotations": own} if own else {})}}


def _digest(made: dict[tuple[str, ...], Any]) -> str:
    found = next(one for one in made.values() if one["kind"] == "Deployment" and one["metadata"]["name"] == "hub")
    return str(found["spec"]["template"]["metadata"]["annotations"]["fairlead.dev/settings"])
