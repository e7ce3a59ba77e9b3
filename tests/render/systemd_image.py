"""An image whose first process is systemd, made of the packages of this machine; Fairlead is installed in it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.render import compose_images

NAME = "fairlead-test/systemd:1"
PACKAGES = ("systemd", "libsystemd-shared", "libnss-systemd", "mount", "util-linux")
PROGRAMS = ("bash", "curl", "install")
UNUSED = re.compile(
    r"/usr/share/|/hwdb|/udev/|system-generators|gpt-auto|getty@|console-getty|systemd-networkd|resolved"
)
START = """\
#!/bin/sh
# the engine shows control groups read-only to whom it does not trust with everything
mount -o remount,bind,rw /sys/fs/cgroup
[ ! -d /sys/fs/cgroup/systemd ] || mount -o remount,bind,rw /sys/fs/cgroup/systemd
exec /usr/lib/systemd/systemd --log-target=console --show-status=false
"""


def ensure(fairlead: str) -> str:
    """Make it of an image that has Fairlead."""
    listed = subprocess.run(["dpkg", "-L", *PACKAGES], capture_output=True, text=True, check=True).stdout.splitlines()
    found = {Path(line) for line in listed if not UNUSED.search(line)}
    found = {path for path in found if path.parent != Path("/") and (path.is_symlink() or path.is_file())}
    found |= {compose_images.program(name) for name in PROGRAMS}
    programs = [path for path in found if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]
    files = {f"root{compose_images.merged(path)}": path for path in found}
    files |= {f"root{compose_images.merged(path)}": path.resolve() for path in compose_images.libraries(programs)}
    texts = {"root/usr/local/bin/begin": START, "root/etc/machine-id": ""}
    lines = f'FROM {fairlead}\nCOPY root /\nSTOPSIGNAL SIGRTMIN+3\nCMD ["/usr/local/bin/begin"]\n'
    compose_images.build(NAME, lines, files, texts)
    return NAME
