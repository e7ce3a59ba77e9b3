"""Dockerfiles that are written for a directory that has none."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.dockerfile.subjects import PROJECT, SUBJECTS, subject

from fairlead.dockerfile import Subject, dockerfile
from fairlead.errors import RuntimeFailure

BASES = {"python", "node", "golang", "rust", "debian", "nginx", "gcr.io/distroless/static-debian12",
         "gcr.io/distroless/cc-debian12"}  # fmt: skip

every = pytest.mark.parametrize("one", SUBJECTS.values(), ids=SUBJECTS)


def last(text: str, instruction: str) -> str:
    """What the last such instruction says."""
    found: list[str] = re.findall(rf"^\s*{instruction} (.+)$", text, flags=re.MULTILINE)
    return found[-1]


def stages(text: str) -> list[str]:
    """The names of the stages, in order."""
    return re.findall(r"^FROM \S+ AS (\S+)$", text, flags=re.MULTILINE)


@every
@pytest.mark.parametrize("whole", [True, False], ids=["every stage", "short"])
def test_hadolint_finds_nothing(one: Subject, whole: bool) -> None:
    """At its strictest threshold."""
    program = Path(sys.executable).with_name("hadolint")
    text = dockerfile(one, every_stage=whole)
    done = subprocess.run(
        [program, "--failure-threshold", "style", "--format", "tty", "-"], input=text, capture_output=True, text=True
    )
    assert done.stdout + done.stderr == "", text


@every
def test_the_same_input_gives_the_same_bytes(one: Subject) -> None:
    """So that a rebuild takes every layer from the cache."""
    again = Subject(one.name, one.service.model_copy(deep=True), one.files, dict(one.images))
    assert dockerfile(one).encode() == dockerfile(again).encode()


@every
def test_what_runs_is_hardened(one: Subject) -> None:
    """An ordinary user by number, the orderly signal, and a command that no shell stands before."""
    text = dockerfile(one)
    assert stages(text)[-1] == "production"
    assert last(text, "USER") == "1001:1001"
    assert last(text, "STOPSIGNAL") == "SIGTERM"
    assert last(text, "EXPOSE") == "8080"
    assert isinstance(json.loads(last(text, "CMD")), list)
    assert "# syntax=" not in text
    assert "org.opencontainers.image.title" in text


@every
def test_the_image_asks_itself_or_says_that_it_can_not(one: Subject) -> None:
    """Never with curl, which small images do not have."""
    text = dockerfile(one)
    assert ("HEALTHCHECK --" in text) != ("# No HEALTHCHECK" in text)
    assert "curl" not in text


@pytest.mark.parametrize("name", [name for name in SUBJECTS if "alone" not in name and "a " not in name])
def test_what_is_needed_is_a_layer_of_its_own_before_the_code(name: str) -> None:
    """A change of the code alone installs nothing again; what only builds stays in the builder."""
    text = dockerfile(SUBJECTS[name], every_stage=False)
    if name == "static":
        assert stages(text) == ["production"]
        return
    assert stages(text) == ["builder", "production"]
    if "workspace" not in name and "vendored" not in name and "two programs" not in name:
        installed = re.search(r"pip install .*-r|uv sync|npm (ci|install)|pnpm install|yarn |go mod|cargo build", text)
        code = text.find("COPY . .")
        assert installed is not None
        assert code == -1 or installed.start() < code


@every
def test_base_images_can_come_from_elsewhere(one: Subject) -> None:
    """By their usual names; one with a tag is taken as it is."""
    own = Subject(one.name, one.service, one.files, {base: f"mirror.example/{base}:own" for base in BASES})
    found = re.findall(r"^FROM (\S+)", dockerfile(own), flags=re.MULTILINE)
    assert {base for base in found if base not in stages(dockerfile(own))} <= {f"mirror.example/{b}:own" for b in BASES}
    plain = Subject(one.name, one.service, one.files, {base: f"mirror.example/{base}" for base in BASES})
    assert ":own" not in dockerfile(plain)
    assert "mirror.example" in dockerfile(plain)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("python alone", ["python3", "-u", "notes.py"]),
        ("python, uv", ["notes"]),
        ("python, package", ["notes", "serve"]),
        ("node, npm", ["node", "server.js"]),
        ("go", ["/app/notes"]),
        ("go, command", ["/app/notes", "--verbose"]),
        ("go, vendored", ["/app/notes", "-v"]),
        ("rust, two programs", ["/app/serve", "--fast"]),
        ("static", ["nginx", "-g", "daemon off;"]),
        ("a binary", ["./bin/serve", "--port", "8080"]),
    ],
)
def test_the_command_is_the_one_of_the_stack_file_as_the_image_has_it(name: str, command: list[str]) -> None:
    """What a local environment needs before it is left out; what is built has its own place."""
    assert json.loads(last(dockerfile(SUBJECTS[name]), "CMD")) == command


@pytest.mark.parametrize(
    ("files", "tag"),
    [
        ({"pyproject.toml": PROJECT}, "3.12-slim"),
        ({"pyproject.toml": PROJECT, ".python-version": "3.11.4\n"}, "3.11-slim"),
        ({"pyproject.toml": "[project]\nrequires-python = '>=3.14'"}, "3.14-slim"),
        ({"pyproject.toml": "not [ toml"}, "3.13-slim"),
    ],
)
def test_the_version_of_python_is_one_that_the_project_allows(files: dict[str, str], tag: str) -> None:
    """Pinned, or the first of ours that fits."""
    assert f"FROM python:{tag} AS" in dockerfile(subject(files, command="python -m notes"))


def test_probes_become_the_health_check() -> None:
    """Path, port, headers, times and number of failures."""
    probe = {"http": {"path": "/up", "port": "admin", "headers": {"X-A": "b'c"}}, "every": "7s", "failures": 5}
    ports = {"http": 80, "admin": {}}
    text = dockerfile(subject({"app.py": ""}, command="python app.py", ports=ports, probes={"readiness": probe}))
    assert "--interval=7s --timeout=2s --start-period=60s --retries=5" in text
    program = json.loads(re.findall(r"^    CMD (.+)$", text, re.MULTILINE)[-1])
    compile(program[2], "health", "exec")
    assert "'PORT_ADMIN', '8080'" in program[2]
    assert "/up" in program[2]
    assert "b'c" in program[2]


@pytest.mark.parametrize(
    ("probe", "asked"),
    [
        ({"tcp": "http"}, "socket.create_connection"),
        ({"command": "python -m notes check"}, '["python", "-m", "notes", "check"]'),
        ({"grpc": {}}, "# No HEALTHCHECK: nothing in this image can ask over gRPC"),
    ],
)
def test_each_kind_of_probe_is_asked_or_told(probe: dict[str, object], asked: str) -> None:
    """What the image can't ask is a comment, not silence."""
    assert asked in dockerfile(subject({"app.py": ""}, command="python app.py", probes={"readiness": probe}))


def test_labels_keep_quotes_and_dollars_as_they_are() -> None:
    """The builder would put variables in."""
    text = dockerfile(subject({"app.py": ""}, command="python app.py", description='says "hi" for $5'))
    assert r'description="says \"hi\" for \$5"' in text


def test_what_can_not_be_guessed_is_an_error_with_a_way_out() -> None:
    """No language, or nothing to run."""
    with pytest.raises(RuntimeFailure, match="nothing tells which language"):
        dockerfile(subject({"README": ""}, command="serve"))
    with pytest.raises(RuntimeFailure, match="no `command` that says what is run"):
        dockerfile(subject({"requirements.txt": ""}, build="."))
