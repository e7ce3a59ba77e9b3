"""Rules that look at the folder around a stack file: what it names has to be there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fairlead.kit.yaml import KeyPath
from fairlead.stack.check import Finding
from fairlead.stack.model import Stack


def findings(stack: Stack, folder: Path) -> Iterator[Finding]:
    """Directories, build contexts, Dockerfiles and certificates that are not there."""
    for name, service in stack.services.items():
        here: KeyPath = ("services", name)
        yield from _folder(folder, service.directory, (*here, "directory"))
        if service.build is not None:
            context = folder / service.build.context
            yield from _folder(folder, service.build.context, (*here, "build", "context"))
            if service.build.dockerfile is not None and context.is_dir():
                yield from _file(context, service.build.dockerfile, (*here, "build", "dockerfile"))
    if stack.router.tls is not None:
        for key in ("certificate", "key"):
            if named := getattr(stack.router.tls, key):
                yield from _file(folder, named, ("router", "tls", key))


def _folder(folder: Path, named: str, path: KeyPath) -> Iterator[Finding]:
    if _is(folder / named, "dir"):
        return
    found = "a file" if _is(folder / named, "file") else "nothing"
    yield Finding(path, f"should be a directory beside the stack file, found {found}", "create it, or correct the path")


def _file(folder: Path, named: str, path: KeyPath) -> Iterator[Finding]:
    if not _is(folder / named, "file"):
        found = "a directory" if _is(folder / named, "dir") else "nothing"
        yield Finding(path, f"should be a file, found {found}", "create it, or correct the path")


def _is(path: Path, kind: str) -> bool:
    """Whether something is there; a name that no file can have is not."""
    try:
        return path.is_dir() if kind == "dir" else path.is_file()
    except (OSError, ValueError):
        return False
