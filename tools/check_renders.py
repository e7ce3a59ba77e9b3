"""Lets every checker judge every target of the five systems, in every environment, and writes what they said as a page.

It takes the tools that are on this machine, for many minutes; what is missing is written as skipped, never as passed.
`docs/reference/render-checks.md` is made by this alone and compared with no other machine: its figures are of the run
that it names. Files that a tool of the same version has judged before are not judged again (`--kept`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.render import judging  # noqa: E402 - it knows where `tools/judges.sh` put the tools
from tests.render.terraform.stub import served  # noqa: E402 - it lends Terraform schemas that need a registry otherwise

from fairlead.render.checker import CHECKERS, Missing  # noqa: E402 - as above
from fairlead.render.checkers import checkov, zizmor  # noqa: E402 - as above
from fairlead.render.rendering import rendered  # noqa: E402 - as above
from fairlead.render.scene import scene_of  # noqa: E402 - as above
from fairlead.render.target import TARGETS, File  # noqa: E402 - as above
from fairlead.render.writing import write  # noqa: E402 - as above

PAGE = ROOT / "docs" / "reference" / "render-checks.md"
SYSTEMS = ("hub", "marketplace", "secret-detection", "optimizer", "exploration")
LENT = {"terraform-gcp": "google", "terraform-azure": "azurerm"}
"""Target -> the provider whose schemas a stub lends Terraform."""

SKIP = re.compile(r"checkov:skip=(\w+):(.+)|shellcheck disable=(\S+) +# (.+)|hadolint ignore=(\S+) *#? *(.*)")

Key = tuple[str, str, str]
"""System, target, checker."""


@dataclass
class Run:
    """What was seen."""

    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    outputs: dict[Key, int] = field(default_factory=dict)
    findings: dict[Key, list[str]] = field(default_factory=dict)
    unjudged: dict[Key, int] = field(default_factory=dict)
    excepted: dict[str, str] = field(default_factory=dict)


def main() -> int:
    """Judge, and write the page when everything was looked at."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--kept", type=Path, default=ROOT / "build" / "render-checks", help="what was judged before")
    said.add_argument("--kept-only", action="store_true", help="judge nothing now: write what was judged before")
    said.add_argument("--target", action="append", help="only this one; the page is not written")
    said.add_argument("--system", action="append", help="only this one; the page is not written")
    given = said.parse_args()
    judging.use()
    given.kept.mkdir(parents=True, exist_ok=True)
    run = Run()
    for system in given.system or SYSTEMS:
        for target in given.target or TARGETS.names():
            judge(run, system, target, given.kept, now=not given.kept_only)
    for key, found in run.findings.items():
        for one in found:
            print(" ".join(key), one)
    if not given.target and not given.system:
        PAGE.write_text(page(run))
    return 1 if any(run.findings.values()) else 0


def judge(run: Run, system: str, target: str, kept: Path, *, now: bool = True) -> None:
    """One target of a system: without an environment, which is all of them for most targets, and in each."""
    seen: set[File] = set()
    stack = ROOT / "examples" / system / "fairlead.yaml"
    for environment in (None, *scene_of(stack, None, {}).environments):
        files = rendered(target, scene_of(stack, environment, {})).files
        if not files or {file for file in files if not file.path.endswith(".md")} <= seen:
            continue
        seen |= set(files)
        run.excepted |= dict(excepted(files))
        for checker in TARGETS.get(target).checkers:
            key = (system, target, checker)
            verdict = judged(run, target, checker, files, kept, now=now)
            if verdict is None and checker not in run.missing:
                run.unjudged[key] = run.unjudged.get(key, 0) + 1
            if verdict is not None:
                run.outputs[key] = run.outputs.get(key, 0) + 1
                run.findings.setdefault(key, []).extend(f"[{environment}] {one}" for one in verdict)


def judged(run: Run, target: str, name: str, files: Iterable[File], kept: Path, *, now: bool) -> list[str] | None:
    """What a checker finds in these files; None where it is not on this machine, or was not asked."""
    checker = CHECKERS.get(name)
    try:
        if name not in run.versions:
            run.versions[name] = checker.version()
        words = json.dumps([target, name, run.versions[name], [(one.path, one.text, one.mode) for one in files]])
        note = kept / f"{hashlib.sha256(words.encode()).hexdigest()}.json"
        if not note.exists():
            if not now:
                return None
            with tempfile.TemporaryDirectory(prefix="fairlead-checks-") as scratch, lent(target, name):
                write(tuple(files), Path(scratch))
                note.write_text(json.dumps([str(one) for one in checker.check(Path(scratch))]))
            print(f"{target} {name}: {len(json.loads(note.read_text()))} findings", flush=True)
    except Missing as error:
        run.missing[name] = str(error)
        return None
    found: list[str] = json.loads(note.read_text())
    return found


def lent(target: str, checker: str) -> AbstractContextManager[None]:
    """The schemas of a provider that Terraform can't fetch here."""
    return _lent(LENT[target]) if checker == "terraform" and target in LENT else nullcontext()


@contextmanager
def _lent(provider: str) -> Iterator[None]:
    with served(provider) as address, tempfile.NamedTemporaryFile(suffix=".tfrc") as nothing:
        before = {name: os.environ.get(name) for name in ("TF_REATTACH_PROVIDERS", "TF_CLI_CONFIG_FILE")}
        os.environ.update(TF_REATTACH_PROVIDERS=address, TF_CLI_CONFIG_FILE=nothing.name)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def excepted(files: Iterable[File]) -> Iterator[tuple[str, str]]:
    """What the files themselves say is done otherwise: check -> why."""
    for file in files:
        for found in SKIP.findall(file.text):
            check, why = (part for part in found if part)
            yield check, why.strip()


def page(run: Run) -> str:
    """As Markdown."""
    lines = [
        "# What the checkers say of the renders",
        "",
        "<!-- Written by tools/check_renders.py from a run of the tools: run it again, do not edit. -->",
        "",
        "Every target of the five systems of `examples/`, rendered without an environment and in each, judged by the",
        "tools that read such files (`fairlead render TARGET --check`). A cell is the number of findings and outputs;",
        "environments whose files are all among those of another output, but for its README, are not judged twice; of",
        "Kubernetes and Helm that is each environment by itself, which has another base. Terraform knows the",
        "resources of Google and Azure by schemas lent by a stub, since their providers need a registry.",
        "",
        "## Tools",
        "",
        "| checker | judges | version |",
        "|---|---|---|",
        *(f"| {name} | {CHECKERS.get(name).summary} | {_version(run, name)} |" for name in CHECKERS.names()),
        "",
        "## Findings",
        "",
        f"| target | checker | {' | '.join(SYSTEMS)} |",
        f"|---|---|{'---|' * len(SYSTEMS)}",
        *_rows(run),
        "",
        f"Without a tool that reads them: {', '.join(n for n in TARGETS.names() if not TARGETS.get(n).checkers)}.",
        "",
        "## What is done otherwise, and why",
        "",
        *_exceptions({**checkov.KUBERNETES, **zizmor.EXCEPTIONS, **run.excepted}),
    ]
    return "\n".join([*lines, ""])


def _version(run: Run, name: str) -> str:
    return run.versions.get(name) or f"skipped: {run.missing.get(name, 'no target asked it')}"


def _rows(run: Run) -> Iterator[str]:
    for target in TARGETS.names():
        for checker in TARGETS.get(target).checkers:
            cells = []
            for system in SYSTEMS:
                key = (system, target, checker)
                cells.append("skipped" if checker in run.missing else _cell(run, key))
            yield f"| {target} | {checker} | {' | '.join(cells)} |"


def _cell(run: Run, key: Key) -> str:
    left = f", {run.unjudged[key]} not judged" if key in run.unjudged else ""
    if key not in run.outputs:
        return "nothing judged" if left else "nothing rendered"
    return f"{len(run.findings[key])} in {run.outputs[key]}{left}"


def _exceptions(every: Mapping[str, str]) -> Iterator[str]:
    yield from (f"- `{check}`: {every[check]}" for check in sorted(every))


if __name__ == "__main__":
    raise SystemExit(main())
