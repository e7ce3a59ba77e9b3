"""What a builder is sent."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

from fairlead.engine.images import context
from fairlead.engine.images.context import Context
from fairlead.errors import ReleaseError, RuntimeFailure
from fairlead.stack.model import Stack


def made(base: Path, **spec: Any) -> Context:
    """The context of the service `web` of a stack in this folder."""
    services = {"web": {"command": "python app.py", **spec}}
    secrets = {"token": {"file": "web/hidden.txt"}}
    stack = Stack.model_validate({"name": "town", "runtime": "docker", "services": services, "secrets": secrets})
    return context.of("web", stack.services["web"], stack, base)


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A directory with a program, and with what has no place in an image."""
    for name in ("app.py", "lib/a.py", "hidden.txt", ".env", ".git/config", "__pycache__/a.pyc", "secret.sh"):
        file = tmp_path / "web" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "web" / "link.py").symlink_to("app.py")
    (tmp_path / "web" / "secret.sh").chmod(0o700)
    return tmp_path / "web"


def sent(one: Context) -> dict[str, tarfile.TarInfo]:
    """What is in the archive."""
    with one.archive() as file, tarfile.open(fileobj=file) as archive:
        return {member.name: member for member in archive.getmembers()}


def test_what_is_left_out_is_not_sent(web: Path) -> None:
    """Histories, caches and secrets."""
    names = set(sent(made(web.parent, directory="web")))
    assert names == {"app.py", "lib/a.py", "link.py", "secret.sh"}


def test_a_dockerignore_of_the_directory_counts_and_secrets_stay_out(web: Path) -> None:
    """Whatever it takes back in."""
    (web / ".dockerignore").write_text("*\n!app.py\n!hidden.txt\n")
    assert set(sent(made(web.parent, directory="web"))) == {"app.py"}


def test_an_image_that_we_write_can_be_read_by_its_user(web: Path) -> None:
    """Files that only their owner reads would be of no use to another user; nobody inside owns them."""
    (web / "app.py").chmod(0o600)
    members = sent(made(web.parent, directory="web"))
    assert {name: member.mode for name, member in members.items() if member.isfile()} == {
        "app.py": 0o644, "lib/a.py": 0o644, "secret.sh": 0o755
    }  # fmt: skip
    assert {member.uid for member in members.values()} == {0}


def test_modes_are_left_to_whoever_wrote_the_dockerfile(web: Path) -> None:
    """As the Docker client sends them."""
    (web / "Dockerfile").write_text("FROM x\n")
    assert sent(made(web.parent, build="web"))["secret.sh"].mode == 0o700


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (lambda web: (web / "app.py").write_text("other"), True),
        (lambda web: (web / "app.py").chmod(0o755), True),
        (lambda web: (web / "new.py").write_text(""), True),
        (lambda web: (web / "Dockerfile").write_text("FROM x"), True),
        (lambda web: (web / ".env").write_text("other"), False),
        (lambda web: (web / ".git" / "config").write_text("other"), False),
        (lambda web: (web / "app.py").touch(), False),
    ],
)
def test_the_digest_changes_with_what_is_sent(web: Path, change: Any, differs: bool) -> None:
    """And with nothing else."""
    before = made(web.parent, directory="web").digest()
    change(web)
    assert (made(web.parent, directory="web").digest() != before) is differs


def test_a_dockerfile_that_is_not_there_is_an_error(web: Path) -> None:
    """Rather than another one in its place."""
    with pytest.raises(RuntimeFailure, match="no such Dockerfile"):
        made(web.parent, build={"context": "web", "dockerfile": "Other"}).instructions()
    with pytest.raises(RuntimeFailure, match="no such directory"):
        made(web.parent, build="nowhere").instructions()


def test_the_command_of_the_stack_file_is_built_in(web: Path) -> None:
    """Into a Dockerfile that is there, too."""
    (web / "Dockerfile").write_text("FROM x\nCMD y\n")
    assert made(web.parent, build="web").instructions() == ('FROM x\nCMD y\nCMD ["python", "app.py"]\n', None)


def test_a_directory_that_is_too_large_is_refused(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is more likely a mistake than a program."""
    monkeypatch.setattr(context, "LARGEST_BYTES", 10)
    with pytest.raises(ReleaseError, match="too much for an image"):
        made(web.parent, directory="web").digest()
