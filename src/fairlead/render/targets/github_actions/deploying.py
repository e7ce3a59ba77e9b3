"""Deploys a branch to the environment that is named for it, looks whether it is well, and goes back where it is not."""

from __future__ import annotations

from typing import Any, Literal

from fairlead.render.target import Scene
from fairlead.render.targets.github_actions.ci import branches
from fairlead.render.targets.github_actions.steps import (
    READ,
    Job,
    Step,
    checkout,
    fairlead,
    job,
    login,
    notices,
    project,
    runs,
    uses,
)
from fairlead.render.targets.github_actions.writing import Workflow
from fairlead.stack.model import Stack
from fairlead.stack.model.platform import Pipeline

RENDER = "fairlead render scripts --out rendered/scripts\n"
CONNECT = """\
install --directory --mode 0700 "$HOME/.kube"
install --mode 0600 /dev/null "$HOME/.kube/config"
printf '%s' "$KUBECONFIG_TEXT" >"$HOME/.kube/config"
"""
STAGES: tuple[Literal["e2e", "load"], ...] = ("e2e", "load")
SERIAL = ("dev", "development", "test", "staging", "production")
"""Who goes first where several environments have the same branch."""


def workflow(scene: Scene, pipeline: Pipeline) -> Workflow:
    """The file. Each environment waits for those before it on the same branch."""
    stack = scene.stack
    jobs: dict[str, Job] = {"images": _images(stack, pipeline)}
    before: dict[str, list[str]] = {}
    for environment in sorted(deployed(pipeline), key=_order):
        branch = pipeline.branches.get(environment)
        named = scene.environments.get(environment, stack)
        earlier = before.setdefault(branch, []) if branch else []
        jobs |= _environment(environment, branch, named, pipeline, ["images", *earlier[-1:]])
        earlier.append(f"verify-{environment}")
    choices = sorted(deployed(pipeline), key=_order)
    asked = {"environment": {"description": "Where to", "type": "choice", "required": True, "options": choices}}
    return {
        "name": f"{stack.name} deploy",
        "on": {"push": {"branches": branches(pipeline)}, "workflow_dispatch": {"inputs": asked}},
        "permissions": {},
        "concurrency": {"group": "deploy-${{ github.ref }}", "cancel-in-progress": False},
        "jobs": jobs,
    }


def deployed(pipeline: Pipeline) -> list[str]:
    """Those with a branch, and those that a person approves: they are deployed by hand."""
    return list(dict.fromkeys([*pipeline.branches, *pipeline.approve]))


def _order(environment: str) -> tuple[int, str]:
    found = [number for number, word in enumerate(SERIAL) if environment.startswith(word)]
    return (found[0] if found else len(SERIAL) - 1, environment)


def _images(stack: Stack, pipeline: Pipeline) -> Job:
    bake = (
        "fairlead render docker --out rendered/docker\n"
        "cd rendered/docker\n"
        'VERSION="$GITHUB_SHA" REVISION="$GITHUB_SHA" docker buildx bake --file docker-bake.json --push\n'
    )
    steps = [
        checkout(),
        *fairlead(),
        uses("docker/setup-qemu-action", "Install QEMU"),
        uses("docker/setup-buildx-action", "Install Buildx", inputs={"cache-binary": False}),
        login(pipeline.registry or "ghcr.io"),
        runs("Build and push", bake),
    ]
    return job("images", steps, minutes=60, permissions={"contents": "read", "packages": "write"})


def _environment(name: str, branch: str | None, stack: Stack, pipeline: Pipeline, needs: list[str]) -> dict[str, Job]:
    asked = f"(github.event_name == 'workflow_dispatch' && inputs.environment == '{name}')"
    pushed = f"(github.event_name == 'push' && github.ref_name == '{branch}')"
    condition = f"{pushed} || {asked}" if branch else asked
    if len(needs) > 1:  # by hand, an environment needs none of those before it
        after = f"({pushed} && needs.{needs[-1]}.result == 'success')"
        condition = f"!cancelled() && needs.images.result == 'success' && ({asked} || {after})"
    deploy = {**_deploy(name, stack, pipeline), "needs": needs, "if": condition}
    verify = {
        **_verify(name, stack, pipeline),
        "needs": [f"deploy-{name}"],
        "if": f"!cancelled() && needs.deploy-{name}.result == 'success'",
    }
    return {f"deploy-{name}": _ordered(deploy), f"verify-{name}": _ordered(verify)}


def _ordered(found: Job) -> Job:
    first = ("name", "needs", "if")
    return {**{key: found[key] for key in first if key in found}, **{k: v for k, v in found.items() if k not in first}}


def _place(name: str, pipeline: Pipeline) -> dict[str, Any]:
    """Who has to approve is set at the environment of the repository (required reviewers)."""
    return {"environment": name, "concurrency": {"group": f"environment-{name}", "cancel-in-progress": False}}


def _connected() -> list[Step]:
    return [
        checkout(),
        *fairlead(),
        runs("Connect to the cluster", CONNECT, env={"KUBECONFIG_TEXT": "${{ secrets.KUBECONFIG }}"}),
        runs("Scripts", RENDER),
    ]


def _deploy(name: str, stack: Stack, pipeline: Pipeline) -> Job:
    """By the release policy of each service: blue-green, canary or rolling, as its roll-out says."""
    steps = _connected()
    for service, said in stack.services.items():
        if said.schedule is None:
            where = f"--on cluster --environment {name} --service {service}"
            line = f'rendered/scripts/scripts/deploy {where} --tag "$GITHUB_SHA"\n'
            steps.append(runs(f"Deploy {service} ({said.release.strategy})", line))
    approved = " after approval" if name in pipeline.approve else ""
    return job(
        f"deploy to {name}{approved}",
        [*steps, *notices(stack, f"deployment to {name}")],
        minutes=120,
        **_place(name, pipeline),
    )


def _verify(name: str, stack: Stack, pipeline: Pipeline) -> Job:
    """Smoke tests always, end-to-end and load tests where there are some; else back to the version before."""
    host = next((one.host for said in stack.services.values() for one in said.expose if one.host != "*"), None)
    address = f"https://{host}" if host and "*" not in host else "${{ vars.ADDRESS }}"
    steps: list[Step] = [*project(pipeline), *_connected()[1:]]
    smoke = (
        'curl --fail --silent --show-error --retry 10 --retry-all-errors --max-time 10 --output /dev/null "$ADDRESS"\n'
    )
    if paths := _paths(stack):
        smoke = "".join(smoke.replace('"$ADDRESS"', f'"$ADDRESS{path}"') for path in paths)
    steps.append(runs("Smoke test", smoke, env={"ADDRESS": address}))
    stages = [(stage, pipeline.commands.get(stage)) for stage in STAGES]
    steps += [runs(f"Test ({stage})", f"{line}\n", env={"ADDRESS": address}) for stage, line in stages if line]
    back = f"rendered/scripts/scripts/rollback --on cluster --environment {name}\n"
    steps.append(runs("Go back to the version before", back, **{"if": "failure()"}))
    return job(
        f"verify {name}",
        [*steps, *notices(stack, f"verification of {name}")],
        minutes=60,
        permissions=READ,
        environment=name,
    )


def _paths(stack: Stack) -> list[str]:
    """What is reachable from outside, asked for health where the probe says so."""
    found = []
    for said in stack.services.values():
        probe = said.probes.readiness or said.probes.liveness
        for one in said.expose[:1]:
            if probe is not None and probe.http is not None:
                inner = probe.http.path if one.strip_path or probe.http.path.startswith(one.path) else ""
                found.append(f"{one.path.rstrip('/')}{inner}" if one.strip_path else inner or one.path)
    return list(dict.fromkeys(found))
