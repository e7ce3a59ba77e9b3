"""The upstream of the benchmarks, compiled from `mock.c` when it is needed."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.hub.programs import Program, free_port

SOURCE = Path(__file__).with_name("mock.c")


@dataclass(frozen=True, slots=True)
class Mock:
    """One that runs."""

    program: Program
    port: int

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def served(self) -> dict[str, Any]:
        """What it counted: requests, streams, chunks, streams that were left, connections that are open."""
        with urllib.request.urlopen(f"{self.url}/served", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


def started(build: Path, *, chunks: int = 40, interval_ms: float = 10) -> Mock:
    """A mock that answers. Raises `RuntimeError` where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise RuntimeError("there is no `cc` to compile the upstream with: install gcc or clang")
    build.mkdir(parents=True, exist_ok=True)
    binary = build / "mock"
    if not binary.exists() or binary.stat().st_mtime < SOURCE.stat().st_mtime:
        subprocess.run([compiler, "-O2", "-o", binary, SOURCE], check=True)
    port = free_port()
    program = Program([str(binary), str(port), str(chunks), str(interval_ms)], build / "logs", core=0)
    program.ready(f"http://127.0.0.1:{port}/health")
    return Mock(program, port)
