"""Which language a directory is in: what the stack file says, else what its command runs, else its files."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from fairlead.dockerfile.subject import Subject
from fairlead.errors import RuntimeFailure

PROGRAMS = {
    "python": "python", "uv": "python", "uvicorn": "python", "gunicorn": "python", "hypercorn": "python",
    "fastapi": "python", "flask": "python", "celery": "python", "streamlit": "python",
    "node": "node", "npm": "node", "npx": "node", "pnpm": "node", "yarn": "node", "tsx": "node",
    "go": "go", "cargo": "rust", "sh": "plain", "bash": "plain",
}  # fmt: skip
"""What a command's first word says."""

FILES = (
    ("uv.lock", "python"),
    ("pyproject.toml", "python"),
    ("requirements.txt", "python"),
    ("package.json", "node"),
    ("go.mod", "go"),
    ("Cargo.toml", "rust"),
    ("index.html", "static"),
    ("public/index.html", "static"),
)
"""What a file says, the surest first."""

ENDINGS = ((".py", "python"), (".mjs", "node"), (".cjs", "node"), (".js", "node"), (".go", "go"))


def language(subject: Subject) -> str:
    """The name of the language. Raises `RuntimeFailure` when nothing tells."""
    build, command = subject.service.build, subject.service.command
    if subject.service.uses is not None:
        return "own"
    if build is not None and build.language is not None:
        return build.language
    found = (_by_program(command[0]) if command else None) or _by_files(subject)
    if found is None and command and ("/" in command[0] or command[0] in subject.files):
        found = "plain"
    if found is None:
        raise RuntimeFailure(
            f"{subject.name}: there is no Dockerfile, and nothing tells which language the directory is in",
            hint="set `build: {context: …, language: python}`, or write a Dockerfile",
        )
    return found


def _by_program(program: str) -> str | None:
    name = PurePosixPath(program).name
    return PROGRAMS.get(re.sub(r"[\d.]+$", "", name))


def _by_files(subject: Subject) -> str | None:
    for name, found in FILES:
        if name in subject.files:
            return found
    for ending, found in ENDINGS:
        if any(name.endswith(ending) and "/" not in name for name in subject.files.names):
            return found
    return None
