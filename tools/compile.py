"""Compiles the hub's hot path into a wheel for this platform, where `HATCH_BUILD_HOOK_ENABLE_CUSTOM=1` asks for it.

The same modules stand in every wheel as Python, too: one without the compiled ones does the same, slower. mypyc makes C
of them by their types; nothing is written beside the sources. Needs a C compiler.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MYPY = "[mypy]\npython_version = 3.11\nignore_missing_imports = True\nexplicit_package_bases = True\n"

SETUP = """
from mypyc.build import mypycify
from setuptools import setup

setup(name="fairlead-compiled", packages=[], ext_modules=mypycify({modules!r}, opt_level="3", debug_level="0"))
"""


class Compiled(BuildHookInterface[Any]):
    """Adds the extension modules of `modules` (paths below the package's folder) to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        self._folder = Path(tempfile.mkdtemp(prefix="fairlead-compile-"))
        sources = self._folder / "sources"
        shutil.copytree(Path(self.root, "src"), sources, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        (sources / "mypy.ini").write_text(MYPY)
        (sources / "setup.py").write_text(SETUP.format(modules=self.config["modules"]))
        subprocess.run(
            [sys.executable, "setup.py", "--quiet", "build_ext", "--build-lib", "../made"], cwd=sources, check=True
        )
        made = self._folder / "made"
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"] |= {str(file): str(file.relative_to(made)) for file in made.rglob("*.so")}

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "_folder"):
            shutil.rmtree(self._folder, ignore_errors=True)
