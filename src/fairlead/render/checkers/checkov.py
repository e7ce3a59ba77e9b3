"""checkov: what security guides ask of manifests. What we do otherwise is named here, with why."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.tools import built, program, run

HOW = "pip install checkov"

KUBERNETES: Mapping[str, str] = {
    "CKV_K8S_8": "without a `liveness` probe the kubelet sees whether the process runs, which is what the stack says",
    "CKV_K8S_15": "a tag is a version that is never pushed twice; `docker.pull: always` where that does not hold",
    "CKV_K8S_22": "the root is read-only unless a service says `hardening.read_only_root: false`",
    "CKV_K8S_35": "programs are told secrets in variables, on one machine and in a cluster: `secrets` says so",
    "CKV_K8S_40": "the user is `hardening.user`, which images are built for; stores run as the user of their image",
    "CKV_K8S_43": "a digest is what `image: name@sha256:…` says; what the pipeline builds has a version",
}
"""Checks left out, and why."""


def version() -> str:
    """As it says it."""
    return run([program("checkov", HOW), "--version"]).out.strip()


def kubernetes(folder: Path) -> Iterator[Finding]:
    """Every base and overlay, as it is built."""
    program("checkov", HOW)
    with tempfile.TemporaryDirectory() as scratch:
        for where, ran in built(folder):
            (Path(scratch) / f"{where.replace('/', '-')}.yaml").write_text(ran.out)
        yield from judged("kubernetes", Path(scratch), KUBERNETES)


def judged(framework: str, folder: Path, exceptions: Mapping[str, str]) -> Iterator[Finding]:
    """What it says of a folder, by one of its frameworks. Nothing judged at all is a finding."""
    command = [program("checkov", HOW), "--directory", str(folder), "--framework", framework, "--output", "json"]
    skipped = ["--skip-check", ",".join(exceptions)] if exceptions else []
    told = run([*command, "--compact", "--quiet", "--skip-download", *skipped])
    try:
        found = json.loads(told.out)
    except ValueError:
        yield Finding(".", f"checkov ended with {told.code}: {(told.err or told.out).strip()[-300:]}")
        return
    reports: list[dict[str, Any]] = found if isinstance(found, list) else [found]
    if not any(report.get("summary", report).get("passed") for report in reports):
        yield Finding(".", "checkov judged nothing")
    for report in reports:
        for one in report.get("results", {}).get("failed_checks", []):
            lines = one.get("file_line_range") or [None]
            said = f"{one['check_id']} {one['check_name']} ({one['resource']})"
            yield Finding(str(one["file_path"]).lstrip("/"), said, lines[0])
        for file in report.get("results", {}).get("parsing_errors", []):
            yield Finding(str(file), "checkov can't read it")


CHECKERS.register("checkov-kubernetes")(Checker("What security guides ask of manifests", version, kubernetes))
