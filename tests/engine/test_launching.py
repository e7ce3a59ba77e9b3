"""What an instance is started with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fairlead.engine.journal.records import Instance, Version
from fairlead.engine.launching import Surroundings, launch
from fairlead.engine.runtime import Launch
from fairlead.errors import BinaryMissing, RuntimeFailure
from fairlead.stack.model.service import Service

INSTANCE = Instance("notes-v3-1", "notes", "v3", ports={"http": 20001, "admin-ui": 20002})
PASSWORD = "made" + "-up"


def launched(folder: Path, **spec: Any) -> Launch:
    """A launch of a service that is `sh` unless told otherwise."""
    service = Service.model_validate({"command": "sh -c true", "ports": {"http": 80, "admin-ui": 81}, **spec})
    version = Version("notes", "v3", "digest", service, None, 0.0)
    around = Surroundings("town", folder, folder / "data", {"DB_URL": "postgres://db"}, {"TOKEN": PASSWORD})
    return launch(version, INSTANCE, around)


def test_ports_addresses_volumes_and_secrets_are_in_the_environment(tmp_path: Path) -> None:
    """Under the names that the reference gives."""
    environment = launched(tmp_path, volumes={"my-data": {}}, environment={"DEBUG": True, "SIZE": 3}).environment
    expected = {
        "PORT": "20001",
        "PORT_ADMIN_UI": "20002",
        "HOST": "127.0.0.1",
        "DB_URL": "postgres://db",
        "TOKEN": PASSWORD,
        "DEBUG": "true",
        "SIZE": "3",
        "MY_DATA_DIR": str(tmp_path / "data" / "notes" / "my-data"),
        "FAIRLEAD_SERVICE": "notes",
        "FAIRLEAD_VERSION": "v3",
        "FAIRLEAD_INSTANCE": "notes-v3-1",
        "FAIRLEAD_STACK": "town",
    }
    assert {name: environment[name] for name in expected} == expected
    assert (tmp_path / "data" / "notes" / "my-data").is_dir()


def test_settings_are_in_a_file_that_a_variable_names(tmp_path: Path) -> None:
    """As JSON, for the app or a program of the user."""
    environment = launched(tmp_path, **{"with": {"routes": [{"model": "echo"}]}}).environment
    assert json.loads(Path(environment["FAIRLEAD_CONFIG"]).read_text()) == {"routes": [{"model": "echo"}]}
    assert "FAIRLEAD_CONFIG" not in launched(tmp_path).environment


def test_the_engines_own_environment_does_not_leak_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service gets what its file declares, PATH and the like."""
    monkeypatch.setenv("SOMEBODYS_TOKEN", "hush")
    assert "SOMEBODYS_TOKEN" not in launched(tmp_path).environment


def test_what_the_file_declares_wins(tmp_path: Path) -> None:
    """Even over what is given."""
    assert launched(tmp_path, environment={"HOST": "0.0.0.0"}).environment["HOST"] == "0.0.0.0"
    assert (
        launched(tmp_path, ports={"http": {"port": 80, "env": "LISTEN"}, "admin-ui": 1}).environment["LISTEN"]
        == "20001"
    )


def test_a_repr_shows_no_secret(tmp_path: Path) -> None:
    """The environment is left out of it."""
    assert PASSWORD not in repr(launched(tmp_path))


def test_a_missing_program_is_named_with_its_service(tmp_path: Path) -> None:
    """Before anything is started."""
    with pytest.raises(BinaryMissing, match="notes: program not found: no-such-program"):
        launched(tmp_path, command="no-such-program --now")
    with pytest.raises(BinaryMissing, match=r"\./bin/serve"):
        launched(tmp_path, command="./bin/serve")


@pytest.mark.parametrize("spec", [{"command": None, "image": "nginx:1"}, {"command": None, "uses": "hub"}])
def test_what_this_version_can_not_run_is_refused_in_words(tmp_path: Path, spec: dict[str, Any]) -> None:
    """Never dropped, never something else instead."""
    with pytest.raises(RuntimeFailure, match="not part of this version"):
        launched(tmp_path, **spec)
