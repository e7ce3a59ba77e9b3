"""The guard's peers, each in an environment of its own, run as programs over the same files as ours."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Row
from bench.guard.corpus import sample
from bench.hub.peers import installed

LONGEST_S = 1800
FIRST_MB = 0.1
"""Of a sample so small that a run over it is all start."""
STARTS = 2


@dataclass(frozen=True, slots=True)
class Run:
    """What a program took: CPU seconds of it and its children, and its largest memory in bytes."""

    cpu_s: float
    memory: int
    output: str
    code: int


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that scans the folder it is run in, and how many findings its output tells of."""

    package: str
    argv: Callable[[Path, Path], list[str]]
    found: Callable[[str, Path], int]
    share: float = 1.0
    """Of the sample, for those that would take hours over all of it."""


def beside(tree: Path, megabytes: float, folder: Path) -> list[Row]:
    """Ours and each peer over a sample of a tree, one after another."""
    with tempfile.TemporaryDirectory() as scratch:
        first, report = Path(scratch, "first"), Path(scratch, "report.json")
        little = sample(tree, FIRST_MB, first)
        programs = {"fairlead": OURS, **PEERS}
        rows = []
        for name, program in programs.items():
            python = installed(folder.absolute() / name, program.package) if program.package else Path(sys.executable)
            files = Path(scratch, f"files-{program.share}")
            size = sample(tree, megabytes * program.share, files)
            report.unlink(missing_ok=True)
            run(program.argv(python, report), first)  # what a program keeps for its next runs is there from now on
            start = min(run(program.argv(python, report), first).cpu_s for _ in range(STARTS))
            done = run(program.argv(python, report), files)
            found = program.found(done.output, report)
            rows.append(_row(name, size, done, found, (size - little) / max(done.cpu_s - start, 0.01)))
    return rows


def _row(name: str, size: float, done: Run, found: int, net: float) -> Row:
    return {
        "program": name,
        "MB": round(size, 1),
        "CPU s": round(done.cpu_s, 2),
        "MB/s": round(size / done.cpu_s, 2),
        "MB/s without start": round(net, 2),
        "memory MB": done.memory >> 20,
        "findings": found,
    }


def run(argv: Sequence[str], folder: Path) -> Run:
    """Runs a program in a folder. Raises `RuntimeError` when it did not get to its end."""
    with tempfile.TemporaryDirectory() as scratch:
        usage = Path(scratch, "usage.json")
        launched = [sys.executable, "-c", _LAUNCH, str(usage), *argv]
        done = subprocess.run(launched, cwd=folder, capture_output=True, text=True, timeout=LONGEST_S, check=False)
        if done.returncode not in FINE:
            raise RuntimeError(f"{argv[0]}: status {done.returncode}: {done.stderr[-1000:]}")
        cpu, memory = json.loads(usage.read_text())
    return Run(cpu, memory << 10, done.stdout, done.returncode)


_LAUNCH = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
open(sys.argv[1], "w").write(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss]))
sys.exit(code)
"""
"""A small process between, for a program's memory is counted from that of the one that started it."""

FINE = (0, 1, 200, 205)
"""Statuses of a scan that got to its end; Kingfisher says 200 and 205 when it has found something."""


def _detect_secrets(output: str, _: Path) -> int:
    return sum(map(len, json.loads(output)["results"].values()))


def _report(_: str, report: Path) -> int:
    return len(json.loads(report.read_text())) if report.exists() else 0


def _kingfisher(output: str, _: Path) -> int:
    return sum('"rule"' in line for line in output.splitlines())


ONE_CORE = ("--workers", "1")
OURS = Peer(
    "",
    lambda python, _: [str(python), *("-m", "fairlead", "guard", "scan", "--all", "--format", "json"), *ONE_CORE, "."],
    lambda output, _: len(json.loads(output)["findings"]),
)
PEERS = {
    "kingfisher": Peer(
        "kingfisher-bin",
        lambda python, _: [
            *(
                str(python.parent / "kingfisher"),
                "scan",
                ".",
                "--no-validate",
                "--format",
                "jsonl",
                "--jobs",
                "1",
            ),
            *("--no-update-check", "--git-history=none"),
        ],
        _kingfisher,
    ),
    "credsweeper": Peer(
        "credsweeper",
        lambda python, report: [
            *(str(python), "-m", "credsweeper", "--path", ".", "--save-json", str(report), "--jobs", "1"),
            *("--log", "silence"),
        ],
        _report,
        share=0.1,
    ),
    "detect-secrets": Peer(
        "detect-secrets",
        lambda python, _: [
            *(str(python.parent / "detect-secrets"), "-c", "1", "scan", "--all-files", "--no-verify", "."),
        ],
        _detect_secrets,
        share=0.03,
    ),
}
