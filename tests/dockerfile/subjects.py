"""Directories in every language that a Dockerfile is written for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.dockerfile import Listing, Subject
from fairlead.stack.model.service import Service

HTTP: dict[str, Any] = {"ports": {"http": 8080}, "probes": {"readiness": {"http": "/health"}}}


def subject(files: Mapping[str, str], images: Mapping[str, str] | None = None, **spec: Any) -> Subject:
    """A service called `notes` in a directory with these files."""
    service = Service.model_validate({**HTTP, **spec})
    return Subject("notes", service, Listing(frozenset(files), dict(files)), images or {})


PACKAGE = '{"main": "server.js", "scripts": {"test": "node --test"}, "dependencies": {"express": "5"}}'
BUILT = '{"scripts": {"build": "tsc", "test": "vitest"}, "engines": {"node": "22"}}'
PROJECT = '[project]\nname = "notes"\nversion = "1"\nrequires-python = ">=3.11,<3.13"\n'
PACKAGED = PROJECT + '[project.optional-dependencies]\ndev = ["pytest"]\n[build-system]\nrequires = ["hatchling"]\n'
CRATE = '[package]\nname = "notes"\nversion = "1.0.0"\n'

SUBJECTS: dict[str, Subject] = {
    "python alone": subject({"notes.py": ""}, command="python3 -u notes.py"),
    "python, requirements": subject(
        {"requirements.txt": "", "requirements-dev.txt": "", "constraints.txt": ""}, command="uvicorn notes:app"
    ),
    "python, project": subject({"pyproject.toml": PROJECT}, command="python -m notes"),
    "python, package": subject({"pyproject.toml": PACKAGED}, command=".venv/bin/notes serve"),
    "python, uv": subject({"pyproject.toml": PACKAGED, "uv.lock": ""}, command="uv run notes"),
    "python, uv workspace": subject(
        {"pyproject.toml": PROJECT + "[tool.uv.workspace]\nmembers = ['a']\n", "uv.lock": ""}, command="notes"
    ),
    "python, arguments": subject(
        {"requirements.txt": ""},
        command="python app.py",
        build={"context": ".", "args": {"PIP_INDEX_URL": "https://pypi.example/simple"}},
    ),
    "node alone": subject({"server.js": ""}, command="node server.js"),
    "node, npm": subject({"package.json": PACKAGE, "package-lock.json": ""}, build="."),
    "node, npm, built": subject({"package.json": BUILT, "package-lock.json": ""}, command="node dist/server.js"),
    "node, no lock": subject({"package.json": PACKAGE}, build="."),
    "node, pnpm": subject({"package.json": BUILT, "pnpm-lock.yaml": ""}, command="node dist/server.js"),
    "node, yarn": subject({"package.json": BUILT, "yarn.lock": ""}, command="node dist/server.js"),
    "node, yarn 4": subject(
        {"package.json": BUILT, "yarn.lock": "", ".yarnrc.yml": "", ".yarn/releases/yarn.cjs": ""},
        command="node dist/server.js",
    ),
    "go": subject({"go.mod": "module notes\n\ngo 1.26\n", "go.sum": "", "main.go": ""}, build="."),
    "go, command": subject(
        {"go.mod": "module notes\n\ngo 1.22\n", "cmd/notes/main.go": "", "cmd/other/main.go": ""},
        command="go run ./cmd/notes --verbose",
    ),
    "go, vendored": subject({"go.mod": "module notes\n", "vendor/modules.txt": ""}, command="./bin/notes -v"),
    "rust": subject({"Cargo.toml": CRATE, "Cargo.lock": "", "src/main.rs": "", "src/lib.rs": ""}, build="."),
    "rust, two programs": subject(
        {"Cargo.toml": CRATE + '[[bin]]\nname = "serve"\npath = "serve.rs"\n'},
        command="cargo run --bin serve -- --fast",
    ),
    "static": subject({"index.html": "", "style.css": ""}, build="."),
    "static, built": subject(
        {"package.json": '{"scripts": {"build": "vite build"}}', "package-lock.json": "", "index.html": ""},
        build={"context": ".", "language": "static"},
    ),
    "a shell": subject({"serve.sh": ""}, command="sh serve.sh"),
    "a binary": subject({"bin/serve": ""}, command="./bin/serve --port 8080"),
}
