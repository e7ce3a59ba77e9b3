"""Which versions of a server are installed on this machine, and where."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import BinaryMissing

_ASK_S = 10.0


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one installed version."""

    version: str
    programs: Mapping[str, Path]

    def __getitem__(self, program: str) -> Path:
        return self.programs[program]

    @property
    def major(self) -> str:
        return self.version.partition(".")[0]


def choose(kind: str, found: Iterable[Binaries], version: str | None, *, package: str) -> Binaries:
    """The newest of those that fit `version` ("15" fits 15.8). Raises `BinaryMissing`.

    `package` is what to install, with `{major}` where the name holds a version.
    """
    installed = sorted(found, key=lambda one: _numbers(one.version), reverse=True)
    fitting = [one for one in installed if version is None or _fits(one.version, version)]
    if fitting:
        return fitting[0]
    if not installed:
        raise BinaryMissing(f"{kind} is not installed", hint=f"apt-get install {package.format(major='').rstrip('-')}")
    versions = ", ".join(one.version for one in installed)
    wanted = package.format(major=str(version).partition(".")[0])
    raise BinaryMissing(
        f"{kind} {version} is not installed, only {versions}",
        hint=f"apt-get install {wanted}, or ask for a version that is there",
    )


def folders(program: str, patterns: Iterable[str]) -> list[Path]:
    """Folders that hold `program`: the one on the PATH, then those that match a pattern (globs, from the root)."""
    on_path = shutil.which(program)
    found = [Path(on_path).resolve().parent] if on_path else []
    for pattern in patterns:
        found += [folder.resolve() for folder in sorted(Path("/").glob(pattern)) if (folder / program).is_file()]
    return list(dict.fromkeys(found))


def version_of(program: Path) -> str | None:
    """What the program says with `--version`; `None` for one that does not run."""
    try:
        return _version_of(program, program.stat().st_mtime_ns)
    except OSError:
        return None


@functools.cache
def _version_of(program: Path, changed: int) -> str | None:  # `changed`: an upgraded program is asked anew
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=_ASK_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\b(?:v=)?(\d+(?:\.\d+)*)", done.stdout)
    return match[1] if match else None


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _fits(installed: str, asked: str) -> bool:
    return f"{installed}.".startswith(f"{asked}.")
