"""Data as text: YAML, JSON and INI, byte for byte the same for the same data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

HEADER = "# Rendered by Fairlead from {source}. Change that file and render again; what is changed here is lost.\n"
SOURCE = "the stack file"


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc] # the compiled one where there is one
    """Writes text of several lines as a block, and no anchors: people read it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> Any:
    block = "\n" in value and not any(line != line.rstrip() for line in value.split("\n"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block else None)


_Dumper.add_representer(str, _text)


def yaml_text(*documents: Any, header: bool = True) -> str:
    """YAML, keys in the order of the data."""
    return (HEADER.format(source=SOURCE) if header else "") + dumped(documents)


def dumped(documents: Sequence[Any]) -> str:
    """As YAML, without the header."""
    return yaml.dump_all(
        documents, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000, explicit_start=len(documents) > 1
    )


def json_text(data: Any) -> str:
    """JSON, keys in the order of the data."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def ini_text(sections: Mapping[str, Iterable[tuple[str, str]]]) -> str:
    """Sections of `key=value` lines, as systemd reads them; a key may stand there more than once."""
    parts = ["\n".join([f"[{name}]", *(f"{key}={value}" for key, value in lines)]) for name, lines in sections.items()]
    return HEADER.format(source=SOURCE) + "\n" + "\n\n".join(parts) + "\n"
