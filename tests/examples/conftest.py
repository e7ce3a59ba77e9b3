"""The hello example's two programs, run as they are, without Fairlead."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

HELLO = Path(__file__).resolve().parents[2] / "examples" / "hello"


@dataclass(slots=True)
class Program:
    """One program, and a client that keeps its connections."""

    process: subprocess.Popen[str]
    client: httpx.Client
    url: str


Starter = Callable[..., Program]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Starts one of the programs with what Fairlead would give it; it is ended after the test."""
    running: list[Program] = []

    def starter(name: str, **variables: str) -> Program:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {"PATH": os.environ["PATH"], "PORT": str(port), "DATA_DIR": str(tmp_path), **variables}
        command = [shutil.which("python3") or sys.executable, "-u", f"{name}.py"]
        process = subprocess.Popen(command, cwd=HELLO / name, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert str(port) in process.stdout.readline()
        url = f"http://127.0.0.1:{port}"
        client = httpx.Client(base_url=url, timeout=10, transport=httpx.HTTPTransport(retries=5))
        running.append(Program(process, client, url))
        return running[-1]

    yield starter
    for program in running:
        program.client.close()
        program.process.kill()
        program.process.communicate()
