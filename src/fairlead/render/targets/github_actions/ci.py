"""Every change: the stack file, format, style, types, tests with the stores that they need, coverage, builds."""

from __future__ import annotations

from typing import Any, Literal

from fairlead.render.targets.github_actions.steps import (
    INSTALL,
    RUNNERS,
    Job,
    Step,
    checkout,
    fairlead,
    job,
    languages,
    project,
    runs,
    toolchain,
    uses,
)
from fairlead.render.targets.github_actions.writing import Workflow
from fairlead.stack.model import Stack
from fairlead.stack.model.platform import Pipeline
from fairlead.stack.variables import url_variable

SERVICES: dict[str, dict[str, Any]] = {
    "postgres": {
        "image": "postgres:16",
        "env": {"POSTGRES_DB": "app", "POSTGRES_HOST_AUTH_METHOD": "trust"},
        "ports": ["5432:5432"],
        "options": "--health-cmd pg_isready --health-interval 5s --health-timeout 5s --health-retries 10",
    },
    "redis": {
        "image": "redis:7",
        "ports": ["6379:6379"],
        "options": '--health-cmd "redis-cli ping" --health-interval 5s --health-timeout 5s --health-retries 10',
    },
    "kafka": {
        "image": "apache/kafka:3.9.0",
        "ports": ["9092:9092"],
    },
}
"""Stores for tests: they hold nothing, and end with the job."""

ADDRESSES = {
    "postgres": "postgresql://postgres@127.0.0.1:5432/app",
    "redis": "redis://127.0.0.1:6379/0",
    "kafka": "127.0.0.1:9092",
}
TESTS: tuple[Literal["integration", "api"], ...] = ("integration", "api")
REPORTS = "coverage.xml\ncoverage/\n.coverage\n"


def workflow(stack: Stack, pipeline: Pipeline) -> Workflow:
    """The file."""
    jobs: dict[str, Job] = {
        "stack": job("stack file", [checkout(), *fairlead(), runs("Check it", "fairlead check\n")], minutes=10)
    }
    for stage in ("format", "lint", "types"):
        if line := pipeline.commands.get(stage):
            jobs[stage] = job(stage, [*project(pipeline), runs(stage.capitalize(), f"{line}\n")])
    for language, versions in languages(pipeline).items():
        jobs[f"test-{language}"] = _tests(stack, pipeline, language, versions)
    for stage in TESTS:
        if line := pipeline.commands.get(stage):
            more = _stores(pipeline)
            jobs[stage] = job(f"{stage} tests", [*project(pipeline), runs("Test", f"{line}\n")], minutes=40, **more)
    if line := pipeline.commands.get("build"):
        jobs["build"] = _build(pipeline, line)
    return {
        "name": f"{stack.name} ci",
        "on": {"push": {"branches": branches(pipeline)}, "pull_request": {}, "workflow_call": {}},
        "permissions": {},
        "concurrency": {"group": "ci-${{ github.ref }}", "cancel-in-progress": True},
        "jobs": jobs,
    }


def branches(pipeline: Pipeline) -> list[str]:
    """Those that deploy somewhere; `main` where none does."""
    return list(dict.fromkeys(pipeline.branches.values())) or ["main"]


def _tests(stack: Stack, pipeline: Pipeline, language: str, versions: list[str]) -> Job:
    line = pipeline.commands.get("test")
    steps: list[Step] = [
        checkout(),
        *toolchain(language, "${{ matrix.version }}"),
        runs("Install dependencies", INSTALL[language]),
        runs("Test", f"{line}\n" if line else "echo 'the stack file names no command: pipeline.commands.test'\n"),
    ]
    if pipeline.coverage is not None:
        steps += _coverage(language, pipeline.coverage)
    matrix = {"system": [RUNNERS[one] for one in pipeline.systems], "version": versions}
    own = {} if set(pipeline.systems) - {"linux"} else _stores(pipeline)
    strategy: dict[str, Any] = {"strategy": {"fail-fast": False, "matrix": matrix}}
    name = f"test ({language} ${{{{ matrix.version }}}}, ${{{{ matrix.system }}}})"
    return job(name, steps, minutes=40, runner="${{ matrix.system }}", **strategy, **own)


def _stores(pipeline: Pipeline) -> dict[str, Any]:
    """Containers are for Linux only."""
    if not pipeline.services:
        return {}
    return {
        "env": {url_variable(name): ADDRESSES[name] for name in pipeline.services},
        "services": {name: SERVICES[name] for name in pipeline.services},
    }


def _coverage(language: str, share: float) -> list[Step]:
    needed = f"{share:g}"
    check = {
        "python": "python -m pip install coverage\npython -m coverage xml\n"
        f"python -m coverage report --fail-under={needed}\n",
        "node": f"npx --yes c8@10.1.3 check-coverage --lines {needed}\n",
        "go": "go tool cover -func=coverage.out |\n"
        f"  awk -v least={needed} '/^total:/ {{ sub(/%/, \"\", $3); exit $3 + 0 < least }}'\n",
        "rust": f"cargo llvm-cov report --fail-under-lines {needed}\n",
    }[language]
    inputs = {
        "name": f"coverage-{language}-${{{{ matrix.version }}}}-${{{{ matrix.system }}}}",
        "path": REPORTS,
        "if-no-files-found": "ignore",
        "include-hidden-files": True,
    }
    return [
        runs(f"Coverage of at least {needed} %", check),
        uses("actions/upload-artifact", "Keep the report", inputs=inputs),
    ]


def _build(pipeline: Pipeline, line: str) -> Job:
    strategy: dict[str, Any] = {
        "strategy": {"fail-fast": False, "matrix": {"system": [RUNNERS[one] for one in pipeline.systems]}}
    }
    language, versions = next(iter(languages(pipeline).items()))
    tool = [runs("Install build", "python -m pip install build\n")] if language == "python" else []
    steps = [
        checkout(),
        *toolchain(language, versions[-1]),
        *tool,
        runs("Install dependencies", INSTALL[language]),
        runs("Build", f"{line}\n"),
    ]
    return job("build (${{ matrix.system }})", steps, minutes=40, runner="${{ matrix.system }}", **strategy)
