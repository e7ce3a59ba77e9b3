"""The tools that judge what is rendered: where `tools/judges.sh` puts them, and what becomes of a test without one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import pytest

from fairlead.render.checker import judged
from fairlead.render.checkers.helm import PYTHON

NOT_EVERYWHERE = {"helm", "terraform"}
"""Those that `.ci/run` can't get on every machine: one asks for Python 3.12, the other is in no package registry."""


def use() -> None:
    """Let programs find what is there."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("JUDGES") or Path(cache, "fairlead", "judges"))
    if (folder / "bin").is_dir():
        os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{folder / 'bin'}"
    if (helm := folder / "helm" / "bin" / "python").exists():
        os.environ.setdefault(PYTHON, str(helm))


def findings(checkers: Iterable[str], folder: Path) -> list[str]:
    """All that these tools say. Without one of them the test is skipped; in CI it fails where `.ci/run` gets it."""
    verdicts = list(judged(checkers, folder))
    found = [f"{verdict.checker}: {one}" for verdict in verdicts for one in verdict.findings]
    if not found:
        for verdict in verdicts:
            if verdict.skipped:
                lacking(verdict.checker, verdict.skipped)
    return found


def lacking(checker: str, why: str) -> NoReturn:
    """End a test whose tool is not here."""
    if os.environ.get("CI") and checker not in NOT_EVERYWHERE:
        pytest.fail(f"{why}, and CI must not skip", pytrace=False)
    pytest.skip(why)
