"""The schemas of Kubernetes' own kinds, strict, for the newest version and two older ones that clouds still offer.

Kinds of operators have schemas of their own, which it does not know; a kind of Kubernetes that it does not know is a
finding, though it calls that a warning.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.tools import built, program, run

HOW = "pip install kubernetes-validate"
VERSIONS = ("1.31", "1.34", "1.37")
OWN_GROUPS = {"", "apps", "autoscaling", "batch", "policy"}
OPERATORS = {"autoscaling.k8s.io", "gateway.networking.k8s.io"}
"""Groups under Kubernetes' own domain whose kinds it does not come with."""


def version() -> str:
    """As the package says it."""
    return run([program("kubernetes-validate", HOW), "--version"]).out.split()[-1]


def check(folder: Path) -> Iterator[Finding]:
    """Every base and overlay, as it is built."""
    tool = program("kubernetes-validate", HOW)
    with tempfile.TemporaryDirectory() as scratch:
        files = dict(_files(folder, Path(scratch)))
        for wanted in VERSIONS:
            told = run([tool, "--strict", "--quiet", "--kubernetes-version", wanted, *files], Path(scratch))
            lines = [line for line in (told.out + told.err).splitlines() if line.strip()]
            for line in lines:
                where = next((files[name] for name in files if name in line), ".")
                yield Finding(where, f"{wanted}: {line.strip()}")
            if told.code != 0 and not lines:
                yield Finding(".", f"{wanted}: kubernetes-validate ended with {told.code}")


def _files(folder: Path, scratch: Path) -> Iterator[tuple[str, str]]:
    """The objects of Kubernetes' own kinds in files of their own: name -> what they were built from."""
    for number, (where, ran) in enumerate(built(folder)):
        found = [one for one in yaml.load_all(ran.out, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if is_own(one)]
        name = f"objects-{number}.yaml"
        (scratch / name).write_text(yaml.safe_dump_all(found))
        yield name, f"{where}/kustomization.yaml"


def is_own(found: dict[str, object]) -> bool:
    """Whether an object is of a kind that Kubernetes comes with."""
    group = str(found.get("apiVersion", "")).rpartition("/")[0]
    return group in OWN_GROUPS or (group.endswith(".k8s.io") and group not in OPERATORS)


CHECKERS.register("kubernetes-validate")(Checker("Schemas of three versions of Kubernetes, strict", version, check))
