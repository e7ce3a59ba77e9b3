"""What an instance is started with."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from fairlead.engine.journal.records import Instance, Version
from fairlead.engine.launching import Surroundings, commanded, launch
from fairlead.engine.runtime import Container, Launch, Mount
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


def test_what_this_version_can_not_run_is_refused_in_words(tmp_path: Path) -> None:
    """Never dropped, never something else instead."""
    with pytest.raises(RuntimeFailure, match="not part of this version"):
        launched(tmp_path, command=None, uses="market")
    with pytest.raises(RuntimeFailure, match="has no image"):
        launched(tmp_path, command=None, image="nginx:1")


def contained(folder: Path, /, pinned: str = "sha256:made", **spec: Any) -> Launch:
    """A launch of a version that has an image."""
    service = Service.model_validate({"command": "serve it", "ports": {"http": 80, "admin-ui": {}}, **spec})
    version = Version("notes", "v3", "digest", service, None, 0.0, pinned)
    around = Surroundings("town", folder, folder / "data", {"DB_URL": "postgres://db"}, {"TOKEN": PASSWORD})
    return launch(version, INSTANCE, around)


def inside(launch: Launch) -> Container:
    """What it says of its container."""
    assert launch.container is not None
    return launch.container


def test_a_container_is_told_where_things_are_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports, volumes and addresses as they are there; nothing of this machine's own environment."""
    monkeypatch.setenv("LANG", "xx")
    found = contained(tmp_path, volumes={"my-data": {}, "files": {"path": "/srv/files"}}, environment={"DEBUG": True})
    assert dict(found.environment) == {
        "HOST": "0.0.0.0",
        "PORT": "80",
        "PORT_ADMIN_UI": "8080",
        "MY_DATA_DIR": "/data/my-data",
        "FILES_DIR": "/srv/files",
        "DB_URL": "postgres://db",
        "TOKEN": PASSWORD,
        "DEBUG": "true",
        "FAIRLEAD_STACK": "town",
        "FAIRLEAD_SERVICE": "notes",
        "FAIRLEAD_VERSION": "v3",
        "FAIRLEAD_INSTANCE": "notes-v3-1",
    }
    assert found.ports == {"http": 80, "admin-ui": 8080}
    assert not found.cwd.is_absolute()


def test_volumes_are_the_folders_that_a_process_would_have(tmp_path: Path) -> None:
    """Owned by the user of the container where we can give them away; temporary ones are memory."""
    volumes = {"kept": {}, "scratch": {"temporary": True, "path": "/scratch"}}
    found = inside(contained(tmp_path, volumes=volumes, hardening={"user": 2002, "writable": ["/tmp", "/scratch"]}))
    folder = tmp_path / "data" / "notes" / "kept"
    assert found.mounts == (
        Mount("bind", "/data/kept", str(folder)), Mount("tmpfs", "/scratch"), Mount("tmpfs", "/tmp"),
    )  # fmt: skip
    assert folder.stat().st_uid == 2002 if os.getuid() == 0 else folder.stat().st_mode & 0o002
    assert not (tmp_path / "data" / "notes" / "scratch").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_data_that_a_process_wrote_can_be_written_in_a_container(tmp_path: Path) -> None:
    """All of it changes hands, and no link leads out."""
    folder = tmp_path / "data" / "notes" / "kept"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").touch()
    (folder / "link").symlink_to(tmp_path)
    contained(tmp_path, volumes={"kept": {}})
    owners = {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}
    assert (owners, tmp_path.stat().st_uid) == ({1001}, 0)


def test_settings_are_mounted_where_the_user_of_the_container_reads_them(tmp_path: Path) -> None:
    """They hold no secret."""
    spec: dict[str, Any] = {"with": {"size": 3}}
    found = contained(tmp_path, **spec)
    mount = next(mount for mount in inside(found).mounts if mount.target == found.environment["FAIRLEAD_CONFIG"])
    assert mount.read_only
    assert json.loads(Path(mount.source).read_text()) == {"size": 3}
    assert Path(mount.source).stat().st_mode & 0o004


def test_what_is_denied_is_what_the_stack_file_says(tmp_path: Path) -> None:
    """And everything that it does not ask for."""
    hardening = {"user": 5, "read_only_root": False, "capabilities": ["NET_BIND_SERVICE"], "internet": False}
    found = inside(contained(tmp_path, hardening=hardening))
    assert (found.user, found.read_only_root, found.internet) == ("5:5", False, False)
    assert found.capabilities == ("NET_BIND_SERVICE",)
    usual = inside(contained(tmp_path))
    assert (usual.user, usual.read_only_root, usual.capabilities) == ("1001:1001", True, ())


def test_a_command_replaces_that_of_a_fetched_image_and_is_part_of_a_built_one(tmp_path: Path) -> None:
    """So an image that was built runs the same whatever the stack file says later."""
    assert contained(tmp_path, build=".").argv == ()
    assert contained(tmp_path).argv == ()
    assert contained(tmp_path, "app@sha256:x", image="app:1").argv == ("serve", "it")
    assert contained(tmp_path, "app@sha256:x", image="app:1", command=None).argv == ()


def test_a_hook_is_looked_up_in_the_image_and_goes_past_its_entry_point(tmp_path: Path) -> None:
    """This machine's PATH says nothing about a container."""
    found = commanded(contained(tmp_path), ["no-such-program-here", "now"])
    assert found.argv == ("no-such-program-here", "now")
    assert inside(found).own_entrypoint
    with pytest.raises(BinaryMissing):
        commanded(launched(tmp_path), ["no-such-program-here"])


def test_an_app_is_run_by_this_installation_and_told_its_places_whatever_their_names(tmp_path: Path) -> None:
    """Two lines are enough; what the stack file calls its ports and volumes changes nothing for the app."""
    service = Service.model_validate({"uses": "hub", "ports": {"metrics": 9090, "http": {"env": "MINE"}}})
    instance = Instance("hub-v1-1", "hub", "v1", ports={"http": 20001, "metrics": 20002})
    around = Surroundings("town", tmp_path, tmp_path / "data", {}, {})
    found = launch(Version("hub", "v1", "digest", service, None, 0.0), instance, around)
    assert found.argv == (sys.executable, "-P", "-m", "fairlead", "hub", "serve")
    told = {"PORT": "20001", "MINE": "20001", "PORT_METRICS": "20002", "DATA_DIR": str(tmp_path / "data/hub/data")}
    assert {name: found.environment[name] for name in told} == told
    assert found.stop.grace_s == 45.0
