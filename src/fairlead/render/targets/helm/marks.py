"""Marks in data that stand for what Helm fills in, and their way into the text of a template.

Data is dumped once, with a mark where an expression goes; then each mark is replaced. YAML is never put together from
strings: a block that depends on a value is dumped too, and indented to its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fairlead.render.parts import dumping

NAMESPACE = "xnamespacex"
VERSION = "xversionx"
_BRACES = "xbracesx"
_OPEN = '{{ "{{" }}'
_EXPRESSION = re.compile(r"__V\d+__")
_FOLDED = re.compile(r"__[BC]\d+__")
_LINE = re.compile(r"^(?P<indent> *)(?P<dash>- )?(?:(?P<key>.*): )?(?P<mark>__[BC]\d+__)$")


@dataclass(frozen=True, slots=True)
class Alternative:
    """A value under a condition; without one, in every other case. `None` as the condition comes last."""

    condition: str | None
    value: Any


ABSENT = object()
"""The value of an alternative in which there is no such key."""


@dataclass(slots=True)
class Marks:
    """Every mark of a chart with what it stands for."""

    expressions: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, list[Alternative]] = field(default_factory=dict)

    def expression(self, text: str) -> str:
        """A mark for an expression of Helm's in the place of a scalar or a mapping."""
        for mark, known in self.expressions.items():
            if known == text:
                return mark
        mark = f"__V{len(self.expressions)}__"
        self.expressions[mark] = text
        return mark

    def block(self, kind: str, alternatives: list[Alternative]) -> str:
        """A mark for a key's value (`C`) or items of a list (`B`) that depend on something."""
        for mark, known in self.blocks.items():
            if known == alternatives and mark[2] == kind:
                return mark
        mark = f"__{kind}{len(self.blocks)}__"
        self.blocks[mark] = alternatives
        return mark

    def text(self, document: Any) -> str:
        """A document with its marks replaced."""
        found = self._unfolded(dumping.dumped([_escaped(document)]))
        for mark in sorted(set(_EXPRESSION.findall(found)), key=len, reverse=True):
            found = self._filled(found, mark)
        # linters render without a namespace, and ask whether names are valid
        found = found.replace(f"  name: {NAMESPACE}", '  name: {{ include "fairlead.namespace" . }}')
        found = found.replace(f": {VERSION}\n", ": {{ .Chart.AppVersion | quote }}\n")
        found = found.replace(NAMESPACE, "{{ .Release.Namespace }}").replace(VERSION, "{{ .Chart.AppVersion }}")
        return found.replace(_BRACES, _OPEN)

    def _unfolded(self, text: str) -> str:
        """With blocks in the place of their marks, and the blocks inside of blocks too."""
        if _FOLDED.search(text) is None:
            return text
        lines: list[str] = []
        for line in text.split("\n"):
            match = _LINE.match(line) if _FOLDED.search(line) else None
            if match is None and _FOLDED.search(line):
                raise ValueError(f"a mark stands in the middle of a line: {line.strip()}")
            lines.append(line if match is None else self._unfolded(self._block(match)))
        return "\n".join(lines)

    def _block(self, match: re.Match[str]) -> str:
        indent, key = match["indent"], match["key"]
        lines = []
        for number, one in enumerate(self.blocks[match["mark"]]):
            word = "if" if number == 0 else "else if" if one.condition else "else"
            lines.append(f"{indent}{{{{- {word} {one.condition} }}}}" if one.condition else f"{indent}{{{{- else }}}}")
            if one.value is not ABSENT:
                dumped = dumping.dumped([_escaped({_unquoted(key): one.value} if key else one.value)])
                lines += [indent + line for line in dumped.rstrip("\n").split("\n")]
        return "\n".join([*lines, f"{indent}{{{{- end }}}}"])

    def _filled(self, text: str, mark: str) -> str:
        expression = self.expressions[mark]
        if "nindent" not in expression:
            return text.replace(mark, f"{{{{ {expression} }}}}")

        def place(match: re.Match[str]) -> str:
            depth = len(match[1]) + (2 if not match[2].startswith("- ") else 4)
            return f"{match[1]}{match[2]}:\n{match[1]}  {{{{- {expression.replace('%', str(depth))} }}}}"

        return re.sub(rf"^( *)([^\n]*): {mark}$", place, text, flags=re.MULTILINE)


def _unquoted(key: str) -> str:
    return key[1:-1] if key[:1] in "'\"" else key


def _escaped(value: Any) -> Any:
    """With braces that belong to others (Argo, External Secrets) kept from Helm."""
    return walked(value, lambda text: text.replace("{{", _BRACES))


def walked(value: Any, change: Callable[[str], str]) -> Any:
    """A copy with every text changed."""
    if isinstance(value, dict):
        return {key: walked(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [walked(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value
