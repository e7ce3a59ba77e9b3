"""Root modules for clouds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.render.conftest import scene_named
from tests.render.every_stack import laid, stacks
from tests.render.judging import findings
from tests.render.terraform.stub import served

from fairlead.render.checkers import terraform
from fairlead.render.rendering import rendered
from fairlead.render.target import Scene
from fairlead.render.writing import write
from fairlead.stack.model import Stack

needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on this machine")


def _files(target: str, system: str, environment: str | None = None) -> dict[str, str]:
    return {file.path: file.text for file in rendered(target, scene_named(system, environment)).files}


def _mirror() -> Path | None:
    """A folder of providers on this machine, laid out as Terraform's own mirrors are."""
    bases = [
        Path("/opt"),
        Path("/usr/share/terraform"),
        Path("/usr/local/share/terraform"),
        Path.home() / ".terraform.d",
    ]
    hits = (hit for base in bases for hit in base.glob("*/registry.terraform.io/hashicorp/aws"))
    return next((hit.parents[2] for hit in hits), None)


def test_the_marketplace_has_a_root_module_for_each_environment() -> None:
    """With the machines, the zones and the budget of SYSTEMS' second one."""
    files = _files("terraform-aws", "marketplace")
    assert {path.partition("/")[0] for path in files} == {"README.md", "dev", "staging", "production"}
    for environment, least, budget in (("dev", 2, "400"), ("staging", 3, "900"), ("production", 6, "2958")):
        assert f"min_size     = {least}" in files[f"{environment}/cluster.tf"]
        assert f'limit_amount = "{budget}"' in files[f"{environment}/monitoring.tf"]
        assert files[f"{environment}/network.tf"].count('resource "aws_nat_gateway"') == (3 if least >= 3 else 1)


def test_managed_stores_of_production_are_there_and_nowhere_else() -> None:
    """Postgres, Redis and Kafka; their addresses are secrets by the names that the cluster asks for."""
    files = _files("terraform-aws", "marketplace")
    assert {"production/postgres.tf", "production/streams.tf"} <= files.keys()
    assert not {"dev/postgres.tf", "dev/streams.tf", "staging/postgres.tf"} & files.keys()
    for store in ("postgres", "redis", "kafka"):
        assert f'"marketplace-production/{store}"' in files["production/secrets.tf"]


def test_backups_of_production_go_to_another_region_for_thirty_days() -> None:
    """By AWS Backup, and the bucket that the stack names by replication."""
    files = _files("terraform-aws", "marketplace")
    assert 'region = "eu-west-1"' in files["production/versions.tf"]
    assert files["production/backups.tf"].count("delete_after = 30") == 3
    assert '"market-backups"' in files["production/buckets.tf"]


def test_a_place_of_backups_that_is_named_by_a_whole_url_is_not_made_anew() -> None:
    """A host is no name of a bucket: it is told as left out."""
    where = {"where": "https://ours.blob.core.windows.net/there/x"}
    stack = Stack.model_validate(laid(stacks()["istio"], {"backup": where, "cluster_backup": where}))
    given = rendered("terraform-azure", Scene(stack, None, {}, {}))
    assert {"backup.where", "cluster_backup.where"} <= {one.pattern for one in given.unsupported}
    assert "main/cluster.tf" in {file.path for file in given.files}
    assert not any("backup_" in file.text or "ours" in file.text for file in given.files if file.path.endswith(".tf"))


def test_a_stack_without_a_cloud_gets_a_usual_one_and_one_of_another_provider_is_named() -> None:
    """Where no environment names a cloud; where one does, the others are left out with a reason."""
    assert 'region = "eu-central-1"' in _files("terraform-aws", "hub")["production/versions.tf"]
    left = {one.pattern: one.why for one in rendered("terraform-aws", scene_named("exploration")).unsupported}
    assert left["environments.production-gcp.cloud.provider"] == "it is gcp: render terraform-gcp"
    assert left["environments.dev.cloud"] == "dev is in no cloud"


@pytest.mark.timeout(240)
def test_checkov_finds_nothing_in_any_cloud(tmp_path: Path) -> None:
    """A system for each; an exception stands in the file, with its reason."""
    systems = {"terraform-aws": "marketplace", "terraform-gcp": "exploration", "terraform-azure": "exploration"}
    for target, system in systems.items():
        write(rendered(target, scene_named(system)).files, tmp_path / target)
    assert findings(["checkov-terraform"], tmp_path) == []


@needs_terraform
def test_terraform_finds_nothing_and_its_own_tests_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Format, schemas of the provider, and a plan with AWS mocked."""
    mirror = _mirror()
    if mirror is None:
        pytest.skip("the AWS provider is not on this machine")
    settings = tmp_path / "settings.tfrc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(settings))
    write(rendered("terraform-aws", scene_named("marketplace", "production")).files, tmp_path / "made")
    assert list(terraform.check(tmp_path / "made")) == []


@needs_terraform
@pytest.mark.parametrize(
    ("provider", "target", "system"),
    [("google", "terraform-gcp", "exploration"), ("azurerm", "terraform-azure", "exploration")],
)
def test_terraform_finds_nothing_where_a_stub_lends_it_the_schemas(
    provider: str, target: str, system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the providers that can't be had without their registry; a mistake in a key is found."""
    write(rendered(target, scene_named(system)).files, tmp_path / "made")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "none.tfrc"))
    (tmp_path / "none.tfrc").write_text("")
    with served(provider) as address:
        monkeypatch.setenv("TF_REATTACH_PROVIDERS", address)
        assert list(terraform.check(tmp_path / "made")) == []
        first = next((tmp_path / "made").glob("*/network.tf"))
        first.write_text(first.read_text().replace(" name ", " nome ", 1))
        assert any("nome" in finding.message for finding in terraform.check(tmp_path / "made"))
