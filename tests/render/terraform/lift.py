"""Makes the tables in `schemas/`: what the providers of Google and Azure take, of the resources that we render.

The real providers can't be had without their registry; the wheels `cdktf-cdktf-provider-google` and `-azurerm` carry
their schemas as jsii assemblies. `python -m tests.render.terraform.lift PROVIDER WHEEL TYPE…` writes a table anew.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).with_name("schemas")
LINK = re.compile(r"#([a-z0-9_]+) ")
PRIMITIVES = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic", "json": "dynamic"}
DEPTH = 8

Types = dict[str, Any]


def main(provider: str, wheel: str, *names: str) -> None:
    """Write the table of some resource types and data sources (`data.…`)."""
    types = _types(Path(wheel))
    known = {_snake(fqn.rsplit(".", 1)[1].removesuffix("Config")): fqn for fqn in types if _is_config(types[fqn])}
    table = {}
    for name in sorted(set(names)):
        bare = name.removeprefix("data.").removeprefix(f"{provider}_")
        key = _squeezed(f"data_{provider}_{bare}" if name.startswith("data.") else bare)
        fqn = next(fqn for word, fqn in known.items() if _squeezed(word) in (key, f"{key}a"))  # cdktf puts an A there
        table[name] = _resource(types, fqn)
    SCHEMAS.mkdir(exist_ok=True)
    (SCHEMAS / f"{provider}.json").write_text(json.dumps(table, separators=(",", ":"), sort_keys=True) + "\n")


def _types(wheel: Path) -> Types:
    with zipfile.ZipFile(wheel) as packed:
        name = next(name for name in packed.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(packed.read(name))) as inner:
            file = inner.extractfile("package/.jsii")
            assert file is not None
            found: Types = json.load(file)["types"]
    return found


def _is_config(said: Any) -> bool:
    return said["kind"] == "interface" and "cdktf.TerraformMetaArguments" in said.get("interfaces", [])


def _resource(types: Types, fqn: str) -> Any:
    """A block: attributes as [name, type, mode], blocks as [name, nesting, least, block]."""
    given = types[fqn].get("properties", [])
    return _block(types, given, types.get(fqn.removesuffix("Config"), {}), 0)


def _block(types: Types, given: list[Any], shown: Any, depth: int) -> Any:
    attributes, blocks, names = [], [], set()
    for one in given:
        name = _name(one)
        names.add(one["name"])
        inner = _struct(types, one["type"])
        if inner is None:
            mode = "required" if not one.get("optional") else "write-only" if name.endswith("_wo") else "optional"
            attributes.append([name, _type(one["type"]), mode])
        elif depth < DEPTH and name != "timeouts":
            fqn, several = inner
            block = _block(types, types[fqn].get("properties", []), types.get(f"{fqn}OutputReference", {}), depth + 1)
            blocks.append([name, several, 0 if one.get("optional") else 1, block])
    for one in shown.get("properties", []):
        name = one["name"]
        if name.endswith("Input") or name in names or one.get("static") or name in ("internalValue", "fqn"):
            continue
        if (kind := _shown(types, one["type"], depth)) is not None:
            attributes.append([_snake(name), kind, "computed"])
    return [attributes, blocks]


def _struct(types: Types, said: Any) -> tuple[str, bool] | None:
    """The structure of a block, and whether there may be several."""
    options = said["union"]["types"] if "union" in said else [said]
    for option in options:
        several = "collection" in option and option["collection"]["kind"] == "array"
        fqn = (option["collection"]["elementtype"] if several else option).get("fqn", "")
        if fqn in types and types[fqn]["kind"] == "interface":
            return fqn, several
    return None


def _type(said: Any) -> Any:
    options = said["union"]["types"] if "union" in said else [said]
    for option in options:
        if "primitive" in option:
            return PRIMITIVES[option["primitive"]]
        if "collection" in option:
            kind = {"array": "list", "map": "map"}[option["collection"]["kind"]]
            return [kind, _type(option["collection"]["elementtype"])]
    return "dynamic"


def _shown(types: Types, said: Any, depth: int) -> Any:
    """The type of what a provider answers; `None` for what is none of a schema."""
    fqn = said.get("fqn", "")
    if not fqn:
        return _type(said)
    if fqn.endswith("List") and depth < DEPTH:
        element = types.get(fqn.removesuffix("List") + "OutputReference")
        if element is None:
            return None
        inner = {_snake(one["name"]): _shown(types, one["type"], depth + 1) for one in element.get("properties", [])
                 if not one["name"].endswith("Input") and one["name"] not in ("internalValue", "fqn")}  # fmt: skip
        return ["list", ["object", {name: kind for name, kind in inner.items() if kind is not None}]]
    return {"cdktf.StringMap": ["map", "string"], "cdktf.BooleanMap": ["map", "bool"]}.get(fqn)


def _name(one: Any) -> str:
    found = LINK.search(one.get("docs", {}).get("remarks", "") + " ")
    return found.group(1) if found else _snake(one["name"])


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found.group(1).lower(), name).lower()


def _squeezed(name: str) -> str:
    """`dataGoogle…` and digits are spelt in more than one way."""
    return name.replace("_", "").lower()


if __name__ == "__main__":
    main(*sys.argv[1:])
