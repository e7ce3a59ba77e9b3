"""The guard's peers, each in an environment of its own, run as programs over the same files as ours."""

from __future__ import annotations

import json
import os
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


@dataclass(frozen=True, slots=True)
class Run:
    """What a program took: CPU seconds of it and its children, and its largest memory in bytes."""

    cpu_s: float
    memory: int
    output: str
    code: int


@dataclass(frozen=True, slots=True)
class Peer:
    """A program, and how many findings its output tells of."""

    package: str
    argv: Callable[[Path, Path, Path], list[str]]
    found: Callable[[str, Path], int]


def beside(tree: Path, megabytes: float, folder: Path) -> list[Row]:
    """Ours and each peer over a sample of a tree, one after another."""
    with tempfile.TemporaryDirectory() as scratch:
        files, report = Path(scratch, "files"), Path(scratch, "report.json")
        size = sample(tree, megabytes, files)
        ours = run([sys.executable, "-m", "bench.guard.scanner", str(files)])
        rows = [_row("fairlead", size, ours, int(ours.output))]
        for name, peer in PEERS.items():
            python = installed(folder / name, peer.package)
            report.unlink(missing_ok=True)
            done = run(peer.argv(python.absolute(), files, report))
            rows.append(_row(name, size, done, peer.found(done.output, report)))
    return rows


def _row(name: str, size: float, done: Run, found: int) -> Row:
    return {
        "program": name,
        "MB": round(size, 1),
        "CPU s": round(done.cpu_s, 2),
        "MB/s": round(size / done.cpu_s, 2),
        "memory MB": done.memory >> 20,
        "findings": found,
    }


def run(argv: Sequence[str]) -> Run:
    """Raises `RuntimeError` when it did not get to the end: none of them says that by a status alone."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(argv, stdout=out, stderr=err, env=os.environ | {"PYTHONWARNINGS": "ignore"})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text = out.read().decode("utf-8", "replace")
        if process.returncode not in FINE:
            raise RuntimeError(f"{argv[0]}: status {process.returncode}: {err.read()[-1000:].decode(errors='replace')}")
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10, text, process.returncode)


FINE = (0, 1, 200, 205)
"""Statuses of a scan that got to its end; Kingfisher says 200 and 205 when it has found something."""


def _detect_secrets(output: str, _: Path) -> int:
    return sum(map(len, json.loads(output)["results"].values()))


def _report(_: str, report: Path) -> int:
    return len(json.loads(report.read_text())) if report.exists() else 0


def _kingfisher(output: str, _: Path) -> int:
    return sum('"rule"' in line for line in output.splitlines())


PEERS = {
    "kingfisher": Peer(
        "kingfisher-bin",
        lambda python, files, _: [
            *(
                str(python.parent / "kingfisher"),
                "scan",
                str(files),
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
        lambda python, files, report: [
            *(str(python), "-m", "credsweeper", "--path", str(files), "--save-json", str(report), "--jobs", "1"),
            *("--log", "silence"),
        ],
        _report,
    ),
    "detect-secrets": Peer(
        "detect-secrets",
        lambda python, files, _: [
            *(str(python.parent / "detect-secrets"), "-c", "1", "scan", "--all-files", "--no-verify", str(files)),
        ],
        _detect_secrets,
    ),
}
