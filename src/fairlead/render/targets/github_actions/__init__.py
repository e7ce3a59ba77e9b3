"""GitHub Actions: every change, a version's release, security, and deployments, as four workflows.

`ci` checks the stack file, format, style and types, tests on every version and system with the stores that tests need,
and keeps coverage. `release` is run by a tag `v1.2.3` and publishes what `pipeline.publish` names; what is published
already is left alone. `security` is run daily and on every change; findings are uploaded as SARIF. `deploy` brings a
branch to the environment that `pipeline.branches` names, verifies it, goes back where that fails, and tells
`pipeline.notify`. An environment in `pipeline.approve` without a branch is deployed by hand; who has to approve is set
at the repository's environment of that name (required reviewers).

Actions are pinned to commits; jobs have the least rights, an end, and no credentials left behind. Secrets of the
repository: `KUBECONFIG` (of each environment), those of `watching.channels` in capitals (`CHAT_WEBHOOK`), and
`REGISTRY_USER` and `REGISTRY_PASSWORD` for a registry other than GitHub's. `vars.ADDRESS` is where an environment is
reached, for one whose stack names no host. Render it at the root of the repository: `--out .`.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.render.leaves import left_out
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.github_actions import ci, deploying, release, security
from fairlead.render.targets.github_actions.leaving import LEFT_OUT
from fairlead.render.targets.github_actions.writing import text

FOLDER = ".github/workflows"


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """The workflows that the pipeline needs; none without a pipeline."""
    stack = scene.stack
    yield from left_out(stack, LEFT_OUT)
    pipeline = stack.pipeline
    if pipeline is None:
        return
    yield File(f"{FOLDER}/ci.yml", text(ci.workflow(stack, pipeline)))
    if pipeline.publish:
        yield File(f"{FOLDER}/release.yml", text(release.workflow(stack, pipeline)))
    if pipeline.security:
        yield File(f"{FOLDER}/security.yml", text(security.workflow(stack, pipeline)))
    if deploying.deployed(pipeline):
        yield File(f"{FOLDER}/deploy.yml", text(deploying.workflow(scene, pipeline)))


TARGETS.register("github-actions")(
    Target("GitHub workflows: ci, release, security, deploy", render, ("zizmor", "check-jsonschema"))
)
