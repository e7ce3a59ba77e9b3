"""Steps and jobs that several workflows have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairlead import __version__
from fairlead.render.targets.github_actions.pins import pinned
from fairlead.stack.model import Stack
from fairlead.stack.model.objectives import Channel
from fairlead.stack.model.platform import Pipeline

Step = dict[str, Any]
Job = dict[str, Any]

RUNNER = "ubuntu-24.04"
RUNNERS = {"linux": RUNNER, "macos": "macos-15", "windows": "windows-2025"}
READ = {"contents": "read"}
USUAL = {"python": "3.12", "node": "22", "go": "1.24", "rust": "stable"}

RUST = """\
rustup toolchain install "$VERSION" --profile minimal --component clippy,rustfmt
rustup default "$VERSION"
"""

INSTALL = {
    "python": """\
if [[ -f requirements.txt ]]; then python -m pip install -r requirements.txt; fi
if [[ -f requirements-dev.txt ]]; then python -m pip install -r requirements-dev.txt; fi
if [[ -f pyproject.toml ]]; then python -m pip install -e '.[dev]' || python -m pip install -e .; fi
""",
    "node": "npm ci\n",
    "go": "go mod download\n",
    "rust": "cargo fetch --locked\n",
}
"""How the project's dependencies are installed."""


def uses(action: str, name: str, **more: Any) -> Step:
    """A step of somebody else's."""
    found = {"name": name, **more}
    inputs = found.pop("inputs", None)
    return {**found, "uses": pinned(action), **({"with": inputs} if inputs else {})}


def runs(name: str, script: str, **more: Any) -> Step:
    """A step of a shell; whatever comes from outside is in its environment, never in its text."""
    return {"name": name, **more, "run": script}


def checkout(**inputs: Any) -> Step:
    """Without credentials left behind."""
    return uses("actions/checkout", "Fetch the repository", inputs={"persist-credentials": False, **inputs})


def job(
    name: str, steps: list[Step], *, minutes: int = 20, permissions: dict[str, str] | None = None, **more: Any
) -> Job:
    """With no more rights than it needs, and an end."""
    return {
        "name": name,
        "runs-on": more.pop("runner", RUNNER),
        "timeout-minutes": minutes,
        "permissions": READ if permissions is None else permissions,
        **more,
        "steps": steps,
    }


def languages(pipeline: Pipeline) -> dict[str, list[str]]:
    """With the usual version where none is named; Python where no language is."""
    said = {str(name): list(versions) or [USUAL[name]] for name, versions in pipeline.languages.items()}
    return said or {"python": [USUAL["python"]]}


def toolchain(language: str, version: str) -> Iterator[Step]:
    """The language itself."""
    if language == "rust":
        yield runs(
            "Install Rust",
            RUST,
            env={"VERSION": version},
        )
        return
    inputs: dict[str, Any] = {f"{language}-version": version}
    if language == "go":
        inputs["cache"] = False
    if language == "node":
        inputs["package-manager-cache"] = False
    yield uses(f"actions/setup-{language}", f"Install {language.capitalize()}", inputs=inputs)


def project(pipeline: Pipeline) -> list[Step]:
    """The repository, every language at its first version, and the dependencies."""
    steps = [checkout()]
    for language, versions in languages(pipeline).items():
        steps += toolchain(language, versions[-1])
        steps.append(runs(f"Install dependencies ({language})", INSTALL[language]))
    return steps


def fairlead() -> list[Step]:
    """The tool that wrote this."""
    return [
        *toolchain("python", USUAL["python"]),
        runs("Install Fairlead", f"python -m pip install 'fairlead=={__version__}'\n"),
    ]


def login(registry: str) -> Step:
    """To the registry of images: GitHub's own by the token of the run, others by two secrets."""
    host = registry.partition("/")[0]
    own = host == "ghcr.io"
    inputs = {
        "registry": host,
        "username": "${{ github.actor }}" if own else "${{ secrets.REGISTRY_USER }}",
        "password": "${{ secrets.GITHUB_TOKEN }}" if own else "${{ secrets.REGISTRY_PASSWORD }}",
    }
    return uses("docker/login-action", "Log in to the registry", inputs=inputs)


def notices(stack: Stack, what: str) -> Iterator[Step]:
    """Who is told how it ended. The address is a secret of the repository, of the name that the stack file has."""
    for name in stack.pipeline.notify if stack.pipeline else []:
        channel = stack.watching.channels.get(name)
        if channel is not None:
            yield _notice(name, channel, what)


def _notice(name: str, channel: Channel, what: str) -> Step:
    secret = secret_name(channel.secret or name)
    target = f", to: {channel.to}" if channel.to else ""
    script = """\
if [[ -z $ADDRESS ]]; then echo "the secret is not set: nobody is told"; exit 0; fi
run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
text="$WHAT of $GITHUB_REPOSITORY at ${GITHUB_SHA::7}: $RESULT ($run)"
jq --null-input --arg text "$text" '{text: $text}' | curl --fail --silent --show-error --json @- "$ADDRESS"
"""
    if channel.kind == "pager":
        script = """\
if [[ -z $ADDRESS ]]; then echo "the secret is not set: nobody is told"; exit 0; fi
text="$WHAT of $GITHUB_REPOSITORY at ${GITHUB_SHA::7}: $RESULT"
jq --null-input --arg key "$ADDRESS" --arg text "$text" \\
  '{routing_key: $key, event_action: "trigger", payload: {summary: $text, source: "github", severity: "warning"}}' |
  curl --fail --silent --show-error --json @- https://events.pagerduty.com/v2/enqueue
"""
    return runs(
        f"Tell {name} ({channel.kind}{target})",
        script,
        **{"if": "always()"},
        env={"ADDRESS": f"${{{{ secrets.{secret} }}}}", "WHAT": what, "RESULT": "${{ job.status }}"},
    )


def secret_name(name: str) -> str:
    """As a repository has it."""
    return name.upper().replace("-", "_")
