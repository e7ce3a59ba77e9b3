"""Actions of others that workflows use, each at one commit. Who moves one says where the new commit is from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pin:
    """A commit, the version that it is, and a public place that pins the same (seen November 2026)."""

    commit: str
    version: str
    source: str


ARGO = "argoproj/argo-cd .github/workflows/image-reuse.yaml"
PYGUARD = "cboyd0319/PyGuard .github/ACTIONS_VERSIONS.md"
OWN = ".github/workflows/ci.yml of this repository"
SEVERAL = "release workflows of several public repositories, with this version beside it"
CODEQL = "confidential-containers/guest-components pull request 1135, which names version and commit"

PINS: dict[str, Pin] = {
    "actions/checkout": Pin("08c6903cd8c0fde910a37f88322edcfb5dd907a8", "v5.0.0", OWN),
    "actions/setup-python": Pin("e797f83bcb11b83ae66e0230d6156d7c80228e7c", "v6.0.0", OWN),
    "actions/setup-node": Pin("2028fbc5c25fe9cf00d9f06a71cc4710d4507903", "v6.0.0", PYGUARD),
    "actions/setup-go": Pin("44694675825211faa026b3c33043df3e48a5fa00", "v6.0.0", ARGO),
    "actions/upload-artifact": Pin("ea165f8d65b6e75b540449e92b4886f43607fa02", "v4.6.2", PYGUARD),
    "actions/download-artifact": Pin("d3f86a106a0bac45b974a628896c90dbdf5c8093", "v4.3.0", SEVERAL),
    "actions/dependency-review-action": Pin("56339e523c0409420f6c2c9a2f4292bbb3c07dd3", "v4.8.0", SEVERAL),
    "actions/attest-build-provenance": Pin("977bb373ede98d70efdf65b84cb5f73e068dcc2a", "v3.0.0", PYGUARD),
    "anchore/sbom-action": Pin("d8a2c0130026bf585de5c176ab8f7ce62d75bf04", "v0.20.7", SEVERAL),
    "anchore/scan-action": Pin("e1165082ffb1fe366ebaf02d8526e7c4989ea9d2", "v7.4.0", SEVERAL),
    "docker/setup-qemu-action": Pin("29109295f81e9208d7d86ff1c6c12d2833863392", "v3.6.0", ARGO),
    "docker/setup-buildx-action": Pin("e468171a9de216ec08956ac3ada2f0791b6bd435", "v3.11.1", ARGO),
    "docker/login-action": Pin("5e57cd118135c172c3672efd75eb46360885c0ef", "v3.6.0", ARGO),
    "github/codeql-action": Pin("f443b600d91635bebf5b0d9ebc620189c0d6fba5", "v4.30.8", CODEQL),
    "pypa/gh-action-pypi-publish": Pin("ed0c53931b1dc9bd32cbe73a98c7f6766f8a527e", "v1.13.0", SEVERAL),
    "sigstore/cosign-installer": Pin("d7543c93d881b35a8faa02e8e3605f69b7a1ce62", "v3.10.0", ARGO),
}
"""Repository -> its pin."""


def pinned(action: str) -> str:
    """What `uses` says, without the version behind it."""
    owner, name, *_ = action.split("/")
    return f"{action}@{PINS[f'{owner}/{name}'].commit}"
