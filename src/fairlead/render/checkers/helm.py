"""Helm itself, by its program or as the library `helm-sdkpy`: a chart is linted, each environment's values too."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fairlead.render.checker import CHECKERS, Checker, Finding, Missing
from fairlead.render.tools import run

HOW = "https://helm.sh/docs/intro/install, or `pip install helm-sdkpy` (Python 3.12 or later)"
PYTHON = "FAIRLEAD_HELM_PYTHON"
"""The variable that names another Python, which has `helm-sdkpy`."""

WARNING = 2
"""Helm's own numbers: 1 informs (there is no icon), 2 warns, 3 fails."""

LINT = """\
import asyncio, json, sys
from helm_sdkpy import Configuration
from helm_sdkpy.chart import Lint
print(json.dumps(asyncio.run(Lint(Configuration(kubeconfig="{}")).run(sys.argv[1]))))
"""


def library() -> str | None:
    """A Python that has Helm as a library."""
    own = sys.executable if importlib.util.find_spec("helm_sdkpy") else None
    return os.environ.get(PYTHON) or own


def version() -> str:
    """Of the program, or of the library. Raises `Missing`."""
    if helm := shutil.which("helm"):
        return run([helm, "version", "--short"]).out.strip()
    if python := library():
        asked = "import importlib.metadata as m; print('helm-sdkpy', m.version('helm-sdkpy'))"
        return run([python, "-c", asked]).out.strip()
    raise Missing(f"helm is not on this machine: {HOW}")


def check(folder: Path) -> Iterator[Finding]:
    """What Helm warns of. The library lints with the default values only."""
    if helm := shutil.which("helm"):
        for values in (None, *sorted(folder.glob("values-*.yaml"))):
            more = ["--values", str(values)] if values else []
            told = run([helm, "lint", "--strict", *more, str(folder)])
            if told.code != 0:
                yield Finding(values.name if values else "values.yaml", (told.out + told.err).strip())
        return
    told = run([library() or sys.executable, "-c", LINT, str(folder)])
    if told.code != 0:
        yield Finding(".", f"helm-sdkpy ended with {told.code}: {told.err.strip()[-300:]}")
        return
    result: dict[str, Any] = json.loads(told.out)
    for message in result.get("Messages") or []:
        if message["Severity"] >= WARNING:
            yield Finding(str(message["Path"]), f"lint: {message['Err'] or 'is not right (run `helm lint` for why)'}")


CHECKERS.register("helm")(Checker("Lints the chart", version, check))
