"""What a builder is sent: the files of a directory that are not left out, and the Dockerfile that says what to do.

The same files make the digest of a version, so that a new version is built exactly when one of them has changed.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fairlead.dockerfile import MANIFESTS, Ignored, Listing, Subject, dockerfile, dockerignore
from fairlead.dockerfile.ignoring import secret_patterns
from fairlead.engine.images.finishing import finished
from fairlead.errors import ReleaseError, RuntimeFailure
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

DOCKERFILE = "Dockerfile"
IGNORE = ".dockerignore"
LARGEST_BYTES = 2 * 1024**3
STAGE = "production"

Looker = Callable[["Context"], None]
"""Looks at what is to be sent, in a thread of its own. Raises `ReleaseError` for what may not be."""
LOOKERS: dict[str, Looker] = {}
"""By name; filled from above, by `fairlead.daemon.apps`."""


@dataclass(frozen=True, slots=True)
class Context:
    """The directory of one service, and which of its files count."""

    service: str
    spec: Service
    stack: Stack
    root: Path

    def files(self) -> Iterator[tuple[str, Path]]:
        """Every file and symbolic link that is sent, by its name in the context, in order."""
        ignored, size = self._ignored(), 0
        for folder, folders, names in os.walk(self.root):
            here = Path(folder)
            below = [] if here == self.root else [here.relative_to(self.root).as_posix()]
            folders[:] = sorted(name for name in folders if not ignored.wholly("/".join([*below, name])))
            links = [name for name in folders if (here / name).is_symlink()]
            for name in sorted([*names, *links]):
                path, inside = here / name, "/".join([*below, name])
                if inside == IGNORE or ignored(inside) or not (path.is_file() or path.is_symlink()):
                    continue
                size += path.lstat().st_size
                if size > LARGEST_BYTES:
                    hint = "leave data out with a `.dockerignore`"
                    raise ReleaseError(f"{self.root}: is larger than 2Gi, too much for an image", hint=hint)
                yield inside, path

    def looked_at(self) -> None:
        """Raises `ReleaseError` when somebody objects to what is to be sent."""
        for look in LOOKERS.values():
            look(self)

    def digest(self) -> str:
        """SHA-256 over names, modes and contents, the Dockerfile's too when it is in the directory."""
        total = hashlib.sha256()
        own = self.dockerfile_path()
        for inside, path in [*self.files(), *([("", own)] if own else [])]:
            mode = "link" if path.is_symlink() else "x" if path.stat().st_mode & 0o100 else "-"
            total.update(f"{inside}\0{mode}\0".encode())
            if path.is_symlink():
                total.update(os.fsencode(path.readlink()))
            else:
                with path.open("rb") as content:
                    total.update(hashlib.file_digest(content, "sha256").digest())
        return total.hexdigest()

    def dockerfile_path(self) -> Path | None:
        """The Dockerfile of the directory; `None` where one is written. Raises `RuntimeFailure` for a missing one."""
        if not self.root.is_dir():
            raise RuntimeFailure(f"{self.root}: no such directory", hint="correct it in the stack file")
        named = self.spec.build.dockerfile if self.spec.build else None
        path = self.root / (named or DOCKERFILE)
        if named and not path.is_file():
            raise RuntimeFailure(f"{path}: no such Dockerfile", hint="correct `build.dockerfile`, or leave it out")
        return path if path.is_file() else None

    def instructions(self) -> tuple[str, str | None]:
        """The text of the Dockerfile, and the stage that is built (`None`: the last one)."""
        target = self.spec.build.target if self.spec.build else None
        own = self.dockerfile_path()
        if own is not None:
            return finished(own.read_text(), target, self.spec.command)
        stage = target or STAGE
        return dockerfile(self._subject(), every_stage=stage != STAGE), stage

    def own_arguments(self, version: str) -> dict[str, str]:
        """Build arguments of the Dockerfile that we write; one of somebody else's may not know them."""
        return {"VERSION": version} if self.dockerfile_path() is None else {}

    def archive(self) -> IO[bytes]:
        """All of it as a tar archive, from its beginning. What goes into an image of ours can be read by its user."""
        made = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who asked
        readable = self.dockerfile_path() is None
        with tarfile.open(fileobj=made, mode="w") as archive:
            for inside, path in self.files():
                archive.add(path, inside, recursive=False, filter=_for_all if readable else _as_root)
        made.seek(0)
        return made

    def _ignored(self) -> Ignored:
        directory = self.spec.build.context if self.spec.build else self.spec.directory
        always = secret_patterns(self.stack, directory)
        named = (self.spec.build.dockerfile if self.spec.build else None) or DOCKERFILE
        for name in (f"{named}{IGNORE}", IGNORE):
            if (self.root / name).is_file():
                return Ignored((self.root / name).read_text(), always)
        return Ignored(dockerignore(self.spec, self.stack, directory))

    def listing(self) -> Listing:
        """The names of its files, and the text of those that a Dockerfile depends on."""
        names = frozenset(inside for inside, _ in self.files())
        texts = {name: (self.root / name).read_text(errors="replace") for name in MANIFESTS if name in names}
        return Listing(names, texts)

    def _subject(self) -> Subject:
        return Subject(self.service, self.spec, self.listing(), self.stack.docker.images)


def of(service: str, spec: Service, stack: Stack, base: Path) -> Context:
    """What a service is built from; `base` is the folder of the stack file."""
    if spec.uses:
        from fairlead.engine.images.own import Installation  # it is a context itself

        return Installation(service, spec, stack, base)
    return Context(service, spec, stack, (base / (spec.build.context if spec.build else spec.directory)).resolve())


def _as_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _for_all(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mode = 0o755 if member.mode & 0o100 else 0o644
    return _as_root(member)
