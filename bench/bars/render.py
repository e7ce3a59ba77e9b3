"""Rendering the marketplace for Kubernetes beside `kubectl kustomize` of what was rendered: whole processes.

Limit: 1.2 times as long. Processor time of the best of many runs, since machines have other things to do; whole stands
for the base and every overlay, one for one environment. Kustomize builds one folder a process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figures import Figures

TIMES = 10
LIMIT = 1.2
ENVIRONMENT = "production"
STACK = Path(__file__).resolve().parents[2] / "examples" / "marketplace" / "fairlead.yaml"


def measure(times: int) -> Figures:
    """Both, in turn."""
    figures = Figures([])
    if shutil.which("kubectl") is None:
        figures.broken.append("kubectl is not on this machine")
        return figures
    with tempfile.TemporaryDirectory() as scratch:
        ours = [sys.executable, "-m", "fairlead", "-f", str(STACK)]
        whole = [*ours, "render", "kubernetes", "--out", f"{scratch}/whole"]
        one = [*ours, "--env", ENVIRONMENT, "render", "kubernetes", "--out", f"{scratch}/one"]
        _spent([whole])
        folders = sorted(path.parent for path in Path(scratch, "whole").rglob("kustomization.yaml"))
        every = [["kubectl", "kustomize", str(folder)] for folder in folders]
        overlay = [["kubectl", "kustomize", f"{scratch}/whole/overlays/{ENVIRONMENT}"]]
        for what, mine, theirs in (("whole", [whole], every), ("one environment", [one], overlay)):
            pairs = [(_spent(mine), _spent(theirs)) for _ in range(times)]
            best, other = min(a for a, _ in pairs), min(b for _, b in pairs)
            figures.rows.append({
                "rendered": what, "fairlead s": f"{best:.2f}", "kustomize s": f"{other:.2f}",
                "ratio": f"{best / other:.2f}", "limit": LIMIT,
            })  # fmt: skip
            if best / other > LIMIT:
                figures.broken.append(f"{what}: {best / other:.2f} times as long as kubectl kustomize")
    return figures


def _spent(commands: list[list[str]]) -> float:
    """Processor time of the commands, in seconds."""
    before = os.times()
    for command in commands:
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, timeout=60)
    after = os.times()
    return (after.children_user + after.children_system) - (before.children_user + before.children_system)
