"""Images for a rendered Compose project, made of what is on this machine, with the conventions that we rely on."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests import images

from fairlead.engine.images.own import Installation
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

NAME = "fairlead-test"
START = '#!/bin/sh\nPYTHONPATH=/opt/fairlead PYTHONDONTWRITEBYTECODE=1 exec python -P -m fairlead "$@"\n'
MERGED = ("bin", "sbin", "lib", "lib64")


def ensure(prometheus: Path) -> dict[str, str]:
    """Make all of them; usual name -> the image that stands for it."""
    debian = images.debian_image()
    _made("redis", debian, [program("redis-server"), program("redis-cli")])
    _made("prometheus", debian, [prometheus, program("wget")], 'ENTRYPOINT ["/usr/bin/prometheus"]\n')
    _made("envoy", images.envoy_image(), [program("bash")])
    return {
        "busybox": debian,
        "redis": f"{NAME}/redis:1",
        "prometheus/prometheus": f"{NAME}/prometheus:1",
        "envoy": f"{NAME}/envoy:1",
    }


def fairlead(tag: str, stack: Stack) -> None:
    """This very installation, as the published package would have it: `fairlead` is on the path."""
    files = {
        f"root/opt/fairlead/{inside.removeprefix('packages/')}": path
        for inside, path in Installation("hub", Service(uses="hub"), stack, Path()).files()
    }
    start = {"root/usr/local/bin/fairlead": START}
    build(tag, f"FROM {images.python_image()}\nCOPY root /\n", files, start)


def _made(name: str, base: str, programs: list[Path], more: str = "") -> None:
    files = {f"root/usr/bin/{program.name}": program.resolve() for program in programs}
    files |= {f"root{merged(library)}": library.resolve() for library in libraries(programs)}
    build(f"{NAME}/{name}:1", f"FROM {base}\nCOPY root /\n{more}", files, {})


def build(tag: str, dockerfile: str, files: Mapping[str, Path], texts: Mapping[str, str]) -> None:
    """An image of a Dockerfile, files of this machine and scripts, by their places in the context."""
    with io.BytesIO() as context:
        with tarfile.open(fileobj=context, mode="w") as archive:
            for name, text in {"Dockerfile": dockerfile, **texts}.items():  # first: by it the client knows an archive
                _text(archive, name, text, 0o755)
            for name, path in files.items():
                archive.add(path, name)
        command = ["docker", "build", "--quiet", "--label", f"{images.LABEL}=compose", "--tag", tag, "-"]
        environment = {"DOCKER_BUILDKIT": "0", "PATH": "/usr/local/bin:/usr/bin:/bin"}
        done = subprocess.run(command, input=context.getvalue(), capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr.decode()


def program(name: str) -> Path:
    """Where it is on this machine."""
    found = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin")
    assert found, f"{name} is not on this machine"
    return Path(found)


def libraries(programs: Iterable[Path]) -> set[Path]:
    """All that they load."""
    said = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True).stdout
    return {Path(path) for path in re.findall(r"(?:=> |^\s+)(/\S+)", said, flags=re.MULTILINE)}


def merged(path: Path) -> str:
    """Where it is in an image whose /lib is a link into /usr."""
    return f"/usr{path}" if path.parts[1] in MERGED else str(path)


def _text(archive: tarfile.TarFile, name: str, text: str, mode: int = 0o644) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(text), mode
    archive.addfile(member, io.BytesIO(text.encode()))
