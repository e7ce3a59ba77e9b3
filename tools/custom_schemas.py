"""Writes anew what tests know of operators' objects: the fields of their kinds, pruned to the places that we render.

The types come from npm's `@kubernetes-models` (MIT), which are made from the operators' own definitions. A field that
they do not know ends this program. Needs npm and node.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.render.custom import GENERATED, PACKAGES, Object, custom, every  # noqa: E402 - the path is set above


def written(found: list[Object]) -> Iterator[str]:
    """The objects as constants of their types."""
    kinds = sorted({(one["apiVersion"], one["kind"]) for one in found})
    for number, (api, kind) in enumerate(kinds):
        package, _ = PACKAGES[api.rpartition("/")[0]]
        yield f'import type {{ I{kind} as T{number} }} from "@kubernetes-models/{package}/{api}/{kind}";'
    for number, one in enumerate(found):
        kind = kinds.index((one["apiVersion"], one["kind"]))
        yield f"const v{number}: T{kind} = {json.dumps(one)};"


def main() -> None:
    """Into the tests' own file."""
    found = [one for one in custom(every()) if one["apiVersion"].rpartition("/")[0] in PACKAGES]
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        (there / "package.json").write_text('{"private": true, "type": "module"}')
        (there / "objects.ts").write_text("\n".join(written(found)))
        shutil.copy(Path(__file__).with_suffix(".mjs"), there / "prune.mjs")
        wanted = sorted({f"@kubernetes-models/{name}@{version}" for name, version in PACKAGES.values()})
        subprocess.run(["npm", "install", "--silent", "typescript@5", *wanted], cwd=there, check=True)
        subprocess.run(["node", "prune.mjs"], cwd=there, check=True)
        schemas = json.loads((there / "schemas.json").read_text())
    lines = (f"{json.dumps(kind)}: {json.dumps(schema, sort_keys=True)}" for kind, schema in sorted(schemas.items()))
    GENERATED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
