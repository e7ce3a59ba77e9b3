"""Every day and on every change: dependencies, code, secrets, licences, images; findings go to code scanning."""

from __future__ import annotations

from typing import Any

from fairlead.render.parts.images import OWN
from fairlead.render.targets.github_actions.ci import branches
from fairlead.render.targets.github_actions.steps import (
    Job,
    Step,
    checkout,
    fairlead,
    job,
    languages,
    project,
    runs,
    uses,
)
from fairlead.render.targets.github_actions.writing import Workflow
from fairlead.stack.model import Stack
from fairlead.stack.model.platform import Pipeline

FINDINGS = {"contents": "read", "security-events": "write", "actions": "read"}

AUDITS = {
    "python": "python -m pip install pip-audit\npython -m pip_audit --strict --skip-editable\n",
    "node": "npm audit --audit-level=high\n",
    "go": "go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...\n",
    "rust": "cargo install cargo-audit --locked --version 0.21.2\ncargo audit\n",
}
LICENCES = {
    "python": "python -m pip install pip-licenses\npip-licenses --fail-on='{refused}' --partial-match\n",
    "node": "npx --yes license-checker-rseidelsohn@4.4.2 --production --failOn '{refused}'\n",
    "go": "go run github.com/google/go-licenses/v2@v2.0.1 check ./... --disallowed_types=forbidden,restricted\n",
    "rust": "cargo install cargo-deny --locked --version 0.18.3\ncargo deny check licenses\n",
}
REFUSED = "GPL-3.0;AGPL-3.0;GNU General Public License v3;GNU Affero General Public License v3"
"""Licences that ask for the source of what uses them."""

CODEQL = {"python": "python", "node": "javascript-typescript", "go": "go", "rust": "rust"}
SECRETS = """\
code=0
fairlead guard scan --git --format sarif --output secrets.sarif || code=$?
echo "code=$code" >>"$GITHUB_OUTPUT"
"""


def workflow(stack: Stack, pipeline: Pipeline) -> Workflow:
    """The file."""
    jobs: dict[str, Job] = {}
    for check in pipeline.security:
        jobs |= MAKERS[check](stack, pipeline)
    return {
        "name": f"{stack.name} security",
        "on": {
            "push": {"branches": branches(pipeline)},
            "pull_request": {},
            "schedule": [{"cron": "23 4 * * *"}],
            "workflow_dispatch": {},
        },
        "permissions": {},
        "concurrency": {"group": "security-${{ github.ref }}", "cancel-in-progress": True},
        "jobs": jobs,
    }


def _upload(file: str, category: str) -> Step:
    inputs = {"sarif_file": file, "category": category}
    return uses("github/codeql-action/upload-sarif", "Upload findings", inputs=inputs, **{"if": "always()"})


def _dependencies(stack: Stack, pipeline: Pipeline) -> dict[str, Job]:
    steps = [runs(f"Audit ({one})", AUDITS[one]) for one in languages(pipeline)]
    return {"dependencies": job("dependencies", [*project(pipeline), *steps])}


def _code(stack: Stack, pipeline: Pipeline) -> dict[str, Job]:
    spoken = [*(CODEQL[one] for one in languages(pipeline)), "actions"]
    steps = [
        checkout(),
        uses(
            "github/codeql-action/init",
            "Start CodeQL",
            inputs={
                "languages": "${{ matrix.language }}",
                "build-mode": "${{ matrix.language == 'go' && 'autobuild' || 'none' }}",
            },
        ),
        uses(
            "github/codeql-action/analyze",
            "Look through the code",
            inputs={"category": "/language:${{ matrix.language }}"},
        ),
    ]
    strategy: dict[str, Any] = {"strategy": {"fail-fast": False, "matrix": {"language": spoken}}}
    return {"code": job("code (${{ matrix.language }})", steps, minutes=40, permissions=FINDINGS, **strategy)}


def _secrets(stack: Stack, pipeline: Pipeline) -> dict[str, Job]:
    """The whole history, by the guard; a value is never shown."""
    steps = [
        checkout(**{"fetch-depth": 0}),
        *fairlead(),
        runs("Look for secrets", SECRETS, id="scan"),
        _upload("secrets.sarif", "secrets"),
        runs("Fail where there are some", "[[ $CODE == 0 ]]\n", env={"CODE": "${{ steps.scan.outputs.code }}"}),
    ]
    return {"secrets": job("secrets", steps, permissions=FINDINGS)}


def _licences(stack: Stack, pipeline: Pipeline) -> dict[str, Job]:
    steps = [runs(f"Licences ({one})", LICENCES[one].format(refused=REFUSED)) for one in languages(pipeline)]
    return {"licences": job("licences", [*project(pipeline), *steps])}


def _images(stack: Stack, pipeline: Pipeline) -> dict[str, Job]:
    """Those that the stack runs, and those that it builds."""
    named = sorted({service.image for service in stack.services.values() if service.image})
    build = (
        "fairlead render docker --out rendered/docker\n"
        "cd rendered/docker && docker buildx bake --file docker-bake.json --load --set '*.attest=' \\\n"
        f"  --set '*.platform=linux/amd64' --set '*.tags={stack.name}:scanned' \"$IMAGE\"\n"
    )
    scanned: dict[str, Job] = {}
    inputs = {"fail-build": True, "severity-cutoff": "high", "only-fixed": True, "output-format": "sarif"}
    if named:
        steps = [
            uses("anchore/scan-action", "Scan", id="scan", inputs={"image": "${{ matrix.image }}", **inputs}),
            _upload("${{ steps.scan.outputs.sarif }}", "image-${{ matrix.image }}"),
        ]
        strategy: dict[str, Any] = {"strategy": {"fail-fast": False, "matrix": {"image": named}}}
        scanned["images"] = job("image (${{ matrix.image }})", steps, permissions=FINDINGS, **strategy)
    built = [name for name, one in stack.services.items() if not one.image and not one.uses]
    if any(one.uses for one in stack.services.values()):
        built.append(OWN)
    if built:
        steps = [
            checkout(),
            *fairlead(),
            uses("docker/setup-buildx-action", "Install Buildx", inputs={"cache-binary": False}),
            runs(
                "Build",
                f'{build.rstrip()} "$IMAGE"\n'.replace("scanned'\n", "scanned' "),
                env={"IMAGE": "${{ matrix.image }}"},
            ),
            uses("anchore/scan-action", "Scan", id="scan", inputs={"image": f"{stack.name}:scanned", **inputs}),
            _upload("${{ steps.scan.outputs.sarif }}", "built-${{ matrix.image }}"),
        ]
        strategy = {"strategy": {"fail-fast": False, "matrix": {"image": built}}}
        scanned["built-images"] = job(
            "built image (${{ matrix.image }})", steps, minutes=40, permissions=FINDINGS, **strategy
        )
    return scanned


def _review(stack: Stack, pipeline: Pipeline) -> dict[str, Job]:
    inputs = {
        "fail-on-severity": "high",
        "deny-licenses": "GPL-3.0-only, GPL-3.0-or-later, AGPL-3.0-only, AGPL-3.0-or-later",
    }
    steps = [checkout(), uses("actions/dependency-review-action", "Compare dependencies", inputs=inputs)]
    return {"review": {**job("dependency review", steps, minutes=10), "if": "github.event_name == 'pull_request'"}}


MAKERS = {
    "dependencies": _dependencies,
    "code": _code,
    "secrets": _secrets,
    "licences": _licences,
    "images": _images,
    "review": _review,
}
