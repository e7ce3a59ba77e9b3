"""Python: dependencies in a virtual environment of their own, by uv where it has locked them, else by pip."""

from __future__ import annotations

import re
from collections.abc import Callable

from fairlead.dockerfile.subject import Recipe, Subject, exec_form

VERSIONS = ("3.13", "3.12", "3.11", "3.14", "3.10")
"""Tried in this order against `requires-python`."""

UV = "0.13.9"
VENV = "/opt/venv"

_DEPENDENCIES = (
    "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project'].get('dependencies', []), sep='\\n')"
)
_CLAUSE = re.compile(r"^(>=|<=|==|~=|!=|>|<)\s*(\d+)\.(\d+)")
_HOLDS: dict[str, Callable[[tuple[int, int], tuple[int, int]], bool]] = {
    ">=": lambda one, other: one >= other,
    "~=": lambda one, other: one >= other and one[0] == other[0],
    ">": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    "<": lambda one, other: one < other,
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
}


def recipe(subject: Subject) -> Recipe:
    """By what the directory has: `uv.lock`, `pyproject.toml`, `requirements.txt`, or nothing beside the code."""
    base = subject.base("python", f"{version(subject)}-slim")
    steps, more = _steps(subject)
    running = ["ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1", "WORKDIR /app"]
    production = [f"FROM {base} AS production", *running]
    if steps:
        production[1:2] = [f"ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH={VENV}/bin:$PATH"]
    command = _command(subject)
    return Recipe(
        builder=(f"FROM {base} AS builder", *subject.arguments, "WORKDIR /app", *steps) if steps else (),
        development=("FROM builder AS development", *more, f"CMD {exec_form(command)}") if steps else (),
        test=("FROM development AS test", f"CMD {exec_form(['python', '-m', 'pytest'])}") if steps else (),
        production=tuple(production),
        code=(*([f"COPY --from=builder {VENV} {VENV}"] if steps else []), "COPY . ."),
        command=command,
        asker="python",
    )


def version(subject: Subject) -> str:
    """What `.python-version` says, else the first of ours that `requires-python` allows."""
    pinned = re.match(r"\s*(?:cpython-)?(\d+\.\d+)", subject.files.text(".python-version"))
    if pinned:
        return pinned[1]
    wanted = str(subject.files.toml("pyproject.toml").get("project", {}).get("requires-python", ""))
    clauses = [match.groups() for part in wanted.split(",") if (match := _CLAUSE.match(part.strip()))]
    return next((each for each in VERSIONS if all(_allows(each, *clause) for clause in clauses)), VERSIONS[0])


def _allows(candidate: str, operator: str, major: str, minor: str) -> bool:
    one, other = candidate.split(".")
    return _HOLDS[operator]((int(one), int(other)), (int(major), int(minor)))


def _steps(subject: Subject) -> tuple[list[str], list[str]]:
    """The steps that install what the program needs, and those that add what only its developers need."""
    if "uv.lock" in subject.files:
        return _uv(subject)
    if "pyproject.toml" in subject.files and "project" in subject.files.toml("pyproject.toml"):
        return _pyproject(subject)
    if "requirements.txt" in subject.files:
        return _requirements(subject)
    return [], []


def _uv(subject: Subject) -> tuple[list[str], list[str]]:
    sync = "RUN uv sync --locked --no-cache"
    workspace = "workspace" in subject.files.toml("pyproject.toml").get("tool", {}).get("uv", {})
    own = ["COPY . .", f"{sync} --no-dev --no-editable"] if workspace or _is_package(subject) else []
    steps = [
        f"ENV UV_PROJECT_ENVIRONMENT={VENV} UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never",
        f"RUN pip install --no-cache-dir uv=={UV}",
        *([] if workspace else ["COPY pyproject.toml uv.lock ./", f"{sync} --no-dev --no-install-project"]),
        *own,
    ]
    return steps, [f"ENV PATH={VENV}/bin:$PATH", "COPY . .", sync]


def _pyproject(subject: Subject) -> tuple[list[str], list[str]]:
    steps = [
        *_venv(),
        "COPY pyproject.toml ./",
        f'RUN python -c "{_DEPENDENCIES}" >/tmp/needed.txt && \\\n    pip install --no-cache-dir -r /tmp/needed.txt',
        *(["COPY . .", "RUN pip install --no-cache-dir ."] if _is_package(subject) else []),
    ]
    extras = subject.files.toml("pyproject.toml").get("project", {}).get("optional-dependencies", {})
    extra = next((name for name in ("dev", "test", "tests") if name in extras), None)
    more = ["COPY . ."]
    if extra and _is_package(subject):
        more.append(f"RUN pip install --no-cache-dir -e '.[{extra}]'")
    return steps, more


def _requirements(subject: Subject) -> tuple[list[str], list[str]]:
    others = ["constraints*.txt"] if any(re.match(r"constraints.*\.txt$", name) for name in subject.files.names) else []
    steps = [
        *_venv(),
        f"COPY {' '.join(['requirements*.txt', *others])} ./",
        "RUN pip install --no-cache-dir -r requirements.txt",
    ]
    more = subject.files.first("requirements-dev.txt", "requirements-test.txt", "requirements_dev.txt")
    return steps, ["COPY . .", *([f"RUN pip install --no-cache-dir -r {more}"] if more else [])]


def _venv() -> list[str]:
    return [f"RUN python -m venv {VENV}", f"ENV PATH={VENV}/bin:$PATH"]


def _is_package(subject: Subject) -> bool:
    """Whether the project itself is installed: one that says how it is built."""
    return "build-system" in subject.files.toml("pyproject.toml")


def _command(subject: Subject) -> tuple[str, ...]:
    """As the stack file says, without what a local environment needs: the image's own is on the PATH."""
    program, *rest = subject.needed_command("python main.py")
    if program == "uv" and rest[:1] == ["run"] and len(rest) > 1 and not rest[1].startswith("-"):
        program, *rest = rest[1:]
    if re.match(r"^(\./)?\.?venv/bin/", program):
        program = program.rpartition("/")[2]
    return (program, *rest)
