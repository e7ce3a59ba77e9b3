"""A version tag: looks whether it fits, tests, builds, publishes with provenance, signs, and writes what changed."""

from __future__ import annotations

from fairlead.render.targets.github_actions.steps import (
    READ,
    Job,
    Step,
    checkout,
    fairlead,
    job,
    languages,
    login,
    notices,
    project,
    runs,
    toolchain,
    uses,
)
from fairlead.render.targets.github_actions.writing import Workflow
from fairlead.stack.model import Stack
from fairlead.stack.model.platform import Pipeline

TAG = {"VERSION": "${{ needs.validate.outputs.version }}"}
SIGNING = {"contents": "read", "id-token": "write", "attestations": "write"}

VALIDATE = """\
version=${GITHUB_REF_NAME#v}
if [[ ! $version =~ ^[0-9]+\\.[0-9]+\\.[0-9]+([-+.][0-9A-Za-z.-]+)?$ ]]; then
  echo "::error::$GITHUB_REF_NAME is no semantic version"; exit 1
fi
if [[ -f pyproject.toml ]]; then
  said=$(python3 -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"].get("version", ""))')
  if [[ -n $said && $said != "$version" ]]; then echo "::error::pyproject.toml says $said"; exit 1; fi
fi
if [[ -f package.json ]]; then
  said=$(jq --raw-output '.version // ""' package.json)
  if [[ -n $said && $said != "$version" ]]; then echo "::error::package.json says $said"; exit 1; fi
fi
echo "version=$version" >>"$GITHUB_OUTPUT"
"""

NOTES = """\
before=$(git describe --tags --abbrev=0 "$GITHUB_REF_NAME^" 2>/dev/null || true)
{
  echo "## Changes"
  git log --no-merges --format='- %s (%h)' "${before:+$before..}$GITHUB_REF_NAME"
} >NOTES.md
mkdir -p dist
find artifacts -type f -exec cp {} dist/ \\;
cd dist
find . -type f ! -name SHA256SUMS -printf '%P\\0' | sort -z | xargs -0 --no-run-if-empty sha256sum >SHA256SUMS
"""

PUBLISH = """\
if ! gh release view "$GITHUB_REF_NAME" >/dev/null 2>&1; then
  gh release create "$GITHUB_REF_NAME" --verify-tag --notes-file NOTES.md
fi
gh release upload "$GITHUB_REF_NAME" --clobber dist/*
"""

SIGN = """\
tags=$(jq --raw-output '[.[] | objects | select(.["containerimage.digest"]) | . as $one
  | .["image.name"] | split(",")[] | sub(":[^:/]*$"; "") + "@" + $one["containerimage.digest"]] | unique[]' images.json)
while read -r image; do
  cosign sign --yes "$image"
done <<<"$tags"
"""

NPM = """\
name=$(jq --raw-output .name package.json)
if npm view "$name@$VERSION" version >/dev/null 2>&1; then
  echo "$name $VERSION is published already"
else
  npm publish --provenance --access public
fi
"""

CRATES = """\
name=$(cargo metadata --no-deps --format-version 1 | jq --raw-output '.packages[0].name')
if cargo info "$name@$VERSION" >/dev/null 2>&1; then
  echo "$name $VERSION is published already"
else
  cargo publish --locked
fi
"""


def workflow(stack: Stack, pipeline: Pipeline) -> Workflow:
    """The file."""
    jobs: dict[str, Job] = {
        "validate": job(
            "version",
            [checkout(), runs("Compare the tag with what files say", VALIDATE, id="version")],
            minutes=5,
            outputs={"version": "${{ steps.version.outputs.version }}"},
        ),
        "test": {"name": "tests", "needs": ["validate"], "permissions": READ, "uses": "./.github/workflows/ci.yml"},
    }
    for what in pipeline.publish:
        jobs[what] = {**MAKERS[what](stack, pipeline), "needs": ["validate", "test"]}
    jobs["release"] = _release(stack, ["validate", *pipeline.publish])
    return {
        "name": f"{stack.name} release",
        "on": {"push": {"tags": ["v*"]}},
        "permissions": {},
        "concurrency": {"group": "release-${{ github.ref }}", "cancel-in-progress": False},
        "jobs": {name: _ordered(found) for name, found in jobs.items()},
    }


def _ordered(found: Job) -> Job:
    first = ("name", "needs", "if")
    return {**{key: found[key] for key in first if key in found}, **{k: v for k, v in found.items() if k not in first}}


def _kept(name: str, path: str) -> Step:
    return uses("actions/upload-artifact", "Keep it", inputs={"name": name, "path": path, "if-no-files-found": "error"})


def _attested(path: str) -> Step:
    return uses("actions/attest-build-provenance", "Say where it comes from", inputs={"subject-path": path})


def _pypi(stack: Stack, pipeline: Pipeline) -> Job:
    """By trusted publishing: no password is kept anywhere."""
    build = pipeline.commands.get("build") or "python -m build"
    steps = [
        checkout(),
        *toolchain("python", languages(pipeline).get("python", ["3.12"])[-1]),
        runs("Build wheel and source", f"python -m pip install build\n{build}\n"),
        _attested("dist/*"),
        _kept("pypi", "dist/*"),
        uses("pypa/gh-action-pypi-publish", "Publish", inputs={"skip-existing": True, "attestations": True}),
    ]
    return job("PyPI", steps, permissions=SIGNING, environment="pypi")


def _npm(stack: Stack, pipeline: Pipeline) -> Job:
    """By trusted publishing as well."""
    steps = [
        checkout(),
        *toolchain("node", languages(pipeline).get("node", ["22"])[-1]),
        runs("Build", "npm ci\nnpm run build --if-present\n"),
        runs("Publish what is not there yet", NPM, env=TAG),
    ]
    return job("npm", steps, permissions={"contents": "read", "id-token": "write"}, environment="npm")


def _crates(stack: Stack, pipeline: Pipeline) -> Job:
    steps = [
        checkout(),
        *toolchain("rust", languages(pipeline).get("rust", ["stable"])[-1]),
        runs(
            "Publish what is not there yet",
            CRATES,
            env={**TAG, "CARGO_REGISTRY_TOKEN": "${{ secrets.CARGO_REGISTRY_TOKEN }}"},
        ),
    ]
    return job("crates.io", steps, environment="crates")


def _images(stack: Stack, pipeline: Pipeline) -> Job:
    """For every platform at once, with provenance and bill of materials in the registry, and a signature."""
    linux = ",".join(one for one in pipeline.platforms if one.startswith("linux/")) or "linux/amd64"
    bake = (
        "fairlead render docker --out rendered/docker\n"
        'cd rendered/docker && REVISION="$GITHUB_SHA" docker buildx bake --file docker-bake.json --push \\\n'
        f"  --set '*.platform={linux}' --metadata-file ../../images.json\n"
    )
    steps = [
        checkout(),
        *fairlead(),
        uses("docker/setup-qemu-action", "Install QEMU"),
        uses("docker/setup-buildx-action", "Install Buildx", inputs={"cache-binary": False}),
        login(pipeline.registry or "ghcr.io"),
        runs("Build and push", bake, env=TAG),
        uses("sigstore/cosign-installer", "Install cosign"),
        runs("Sign", SIGN),
    ]
    return job("images", steps, minutes=60, permissions={**SIGNING, "packages": "write"})


def _binaries(stack: Stack, pipeline: Pipeline) -> Job:
    """By the script of the scripts target, for every platform."""
    platforms = " ".join(f"--platform {one}" for one in pipeline.platforms)
    line = (
        "fairlead render scripts --out rendered/scripts\n"
        f'rendered/scripts/scripts/build --release --tag "$VERSION" {platforms}\n'
    )
    sbom = {"path": ".", "format": "spdx-json", "output-file": "dist/sbom.spdx.json", "upload-artifact": False}
    steps = [
        *project(pipeline),
        *fairlead(),
        runs("Build for every platform", f"python -m pip install build\n{line}", env=TAG),
        uses("anchore/sbom-action", "Bill of materials", inputs={**sbom, "upload-release-assets": False}),
        _attested("dist/*.tar.gz"),
        _kept("binaries", "dist/*.tar.gz\ndist/*.json\n"),
    ]
    return job("binaries", steps, minutes=60, permissions=SIGNING)


def _chart(stack: Stack, pipeline: Pipeline) -> Job:
    registry = pipeline.registry or "ghcr.io"
    package = (
        "fairlead render helm --out rendered/helm\n"
        'helm package rendered/helm --version "$VERSION" --app-version "$VERSION" --destination charts\n'
        f'if helm show chart "oci://{registry}/charts/{stack.name}" --version "$VERSION" >/dev/null 2>&1; then\n'
        '  echo "$VERSION is published already"\n'
        "else\n"
        f'  helm push charts/*.tgz "oci://{registry}/charts"\n'
        "fi\n"
    )
    steps = [
        checkout(),
        *fairlead(),
        login(registry),
        runs("Package, and push what is not there yet", package, env=TAG),
        _kept("chart", "charts/*.tgz"),
    ]
    return job("chart", steps, permissions={"contents": "read", "packages": "write"})


MAKERS = {
    "pypi": _pypi,
    "npm": _npm,
    "crates": _crates,
    "images": _images,
    "binaries": _binaries,
    "chart": _chart,
}


def _release(stack: Stack, needs: list[str]) -> Job:
    steps = [
        checkout(**{"fetch-depth": 0}),
        uses("actions/download-artifact", "What was built", inputs={"path": "artifacts"}),
        runs("Changes and checksums", f"mkdir -p artifacts\n{NOTES}"),
        uses(
            "actions/attest-build-provenance",
            "Say where they come from",
            inputs={"subject-checksums": "dist/SHA256SUMS"},
            **{"if": "hashFiles('artifacts/**') != ''"},
        ),
        runs("Publish the release, or what it lacks", PUBLISH, env={"GH_TOKEN": "${{ github.token }}"}),
        *notices(stack, "release"),
    ]
    rights = {"contents": "write", "id-token": "write", "attestations": "write"}
    return {**job("GitHub release", steps, permissions=rights, environment="release"), "needs": needs}
