"""Base images for tests, made of this machine's own files: no registry is needed, and none is asked.

One root file system serves under both names: a small Debian with a shell, the usual tools and this very Python. An
image of that name that somebody has pulled is left alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import io
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from fairlead.engine.routers import binary

PYTHON = "python:3.11-slim"
DEBIAN = "debian:bookworm-slim"
ENVOY = "envoyproxy/envoy:v1.36-latest"
LABEL = "fairlead.test.image"

TOOLS = """
awk basename cat chmod chown cp cut date dash dd df dirname env expr false find getent grep groups head hostname id ln
ls mkdir mktemp mv nice nproc od printenv printf ps pwd readlink realpath rm rmdir sed seq setsid sh sleep sort stat
sync tail tar tee test timeout touch tr true tty uname uniq wc whoami xargs yes
"""

PACKAGES = ("uvicorn", "starlette", "anyio", "idna", "h11", "click", "websockets", "typing_extensions")
"""Pure ones, so that nothing else has to come along."""

EVERYWHERE = """
libanl.so.1 libdl.so.2 libgcc_s.so.1 libm.so.6 libpthread.so.0 libresolv.so.2 librt.so.1 libstdc++.so.6 libutil.so.1
"""
"""Libraries that every small Debian has, and compiled packages take for granted."""

MERGED = ("bin", "sbin", "lib", "lib64")
"""Links into /usr, as Debian has them."""

LEFT_OUT = {"test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "site-packages", "dist-packages"}

FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n",
    "etc/group": "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian, made for tests"\n',
}


def ensure() -> None:
    """Make what is missing of both images."""
    python_image()
    debian_image()


def python_image() -> str:
    """An image with this Python as `python3`, a shell and the usual tools."""
    return _made(PYTHON)


def debian_image() -> str:
    """The same under the name that Dockerfiles without Python begin with."""
    return _made(DEBIAN)


def envoy_image() -> str:
    """The Envoy of this machine's wheel, under the name that its makers publish it by."""
    return _made(ENVOY)


@cache
def _made(name: str) -> str:
    with (Path(tempfile.gettempdir()) / "fairlead-test-images.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes begin at once
        label = _label(name)
        if label is None or (label and label != _identity()):
            _import(name)
    return name


def _label(name: str) -> str | None:
    """Our label on an image; empty for one that is not ours, `None` where there is no such image."""
    form = f'{{{{ index .Config.Labels "{LABEL}" }}}}'
    asked = subprocess.run(["docker", "image", "inspect", "--format", form, name], capture_output=True, text=True)
    return asked.stdout.strip() if asked.returncode == 0 else None


@cache
def _identity() -> str:
    """Changes with this recipe and with the Python that runs."""
    return hashlib.sha256(Path(__file__).read_bytes() + sys.version.encode()).hexdigest()[:16]


def _import(name: str) -> None:
    changes = [f"LABEL {LABEL}={_identity()}", "ENV PATH=/usr/local/bin:/usr/bin:/bin", 'CMD ["sh"]']
    options = [word for change in changes for word in ("--change", change)]
    root = _root(name == ENVOY)
    subprocess.run(["docker", "import", *options, "-", name], input=root, check=True, stdout=subprocess.DEVNULL)


@cache
def _root(has_envoy: bool) -> bytes:
    """The root file system as a tar archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for folder in (
            *(f"usr/{name}" for name in MERGED),
            "etc",
            "proc",
            "sys",
            "dev",
            "root",
            "home",
            "usr/local/bin",
        ):
            _folder(archive, folder)
        _folder(archive, "tmp", 0o1777)
        for link in MERGED:
            _link(archive, link, f"usr/{link}")
        for path, text in FILES.items():
            _text(archive, path, text)
        programs = _add_python(archive) | _add_tools(archive)
        if has_envoy:
            archive.add(binary.envoy(), "usr/local/bin/envoy", filter=_as_root)
            programs.add(binary.envoy())
        _add_libraries(archive, programs)
    return made.getvalue()


def _add_tools(archive: tarfile.TarFile) -> set[Path]:
    found = {
        name: Path(where).resolve() for name in TOOLS.split() if (where := shutil.which(name, path="/usr/bin:/bin"))
    }
    for name, path in found.items():
        archive.add(path, f"usr/bin/{name}", filter=_as_root)
    found |= _servers()
    for name, path in _servers().items():
        archive.add(path, f"usr/{'sbin' if name == 'nginx' else 'bin'}/{name}", filter=_as_root)
    return set(found.values())


def _servers() -> dict[str, Path]:
    """Programs of the stories that are no part of a small Debian, where this machine has them."""
    places = "/usr/local/bin:/usr/bin:/usr/sbin"
    found = {name: Path(where) for name in ("node", "nginx") if (where := shutil.which(name, path=places))}
    clients = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"))
    return {name: path.resolve() for name, path in [*found.items(), *(("psql", path) for path in clients[-1:])]}


def _add_python(archive: tarfile.TarFile) -> set[Path]:
    """Under /usr/local, where Python finds its library beside itself; the whole of it with its modules."""
    short = f"python{sys.version_info.major}.{sys.version_info.minor}"
    program = Path(sys.executable).resolve()
    archive.add(program, f"usr/local/bin/{short}", filter=_as_root)
    for link in ("python3", "python"):
        _link(archive, f"usr/local/bin/{link}", short)
    library = Path(sysconfig.get_path("stdlib", vars={"base": sys.base_prefix, "installed_base": sys.base_prefix}))
    archive.add(library, f"usr/local/lib/{short}", filter=_wanted)
    _folder(archive, f"usr/local/lib/{short}/site-packages")
    for package in [*sorted(library.glob("site-packages/pip*")), *_packages()]:
        archive.add(package, f"usr/local/lib/{short}/site-packages/{package.name}", filter=_wanted)
    return {program, *library.glob("lib-dynload/*.so")}


def _packages() -> Iterator[Path]:
    """What real servers of the stories run on, as an image of theirs would have it installed."""
    for name in PACKAGES:
        found = importlib.util.find_spec(name)
        if found and found.origin:
            origin = Path(found.origin)
            yield origin.parent if origin.name == "__init__.py" else origin


def _wanted(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(member.name).name
    unused = name in LEFT_OUT and "/pip" not in member.name
    return None if unused or "_tkinter" in name or name.startswith("config-") else _as_root(member)


def _add_libraries(archive: tarfile.TarFile, programs: Iterable[Path]) -> None:
    for name, path in {_place(path): path.resolve() for path in _libraries(programs)}.items():
        archive.add(path, name, filter=_as_root)


def _place(library: Path) -> str:
    """Where a library is found without a cache of the linker's: Python's own among the system's."""
    inside = Path("/usr/lib") / library.name if library.is_relative_to(sys.base_prefix) else library
    first, *rest = inside.parts[1:]
    return "/".join(["usr", first, *rest] if first in MERGED else [first, *rest])


def _libraries(programs: Iterable[Path]) -> Iterator[Path]:
    """Every library that they load, that glibc loads by itself to look names up, and that is everywhere."""
    said = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True).stdout
    for path in re.findall(r"(?:=> |^\s+)(/\S+)", said, flags=re.MULTILINE):
        if not re.search(r"lib(tk|tcl|X|fontconfig)", path):
            yield Path(path)
            for name in ("libnss_[df]*.so.2", *EVERYWHERE.split()):
                yield from Path(path).parent.glob(name)


def _folder(archive: tarfile.TarFile, name: str, mode: int = 0o755) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, mode
    archive.addfile(member)


def _link(archive: tarfile.TarFile, name: str, target: str) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.mode = tarfile.SYMTYPE, target, 0o777
    archive.addfile(member)


def _text(archive: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(text), 0o644
    archive.addfile(member, io.BytesIO(text.encode()))


def _as_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.mode |= 0o444 | (0o111 if member.isdir() else 0)
    return member
