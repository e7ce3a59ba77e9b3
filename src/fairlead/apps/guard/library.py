"""The guard's door for other programs: `loaded()` gives what scans, redacts and follows streams."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from fairlead.apps.guard.digests import Digests
from fairlead.apps.guard.engine import cache as kept
from fairlead.apps.guard.engine.automaton import Unusable
from fairlead.apps.guard.engine.pack import Pack, Packed, key_of, packed
from fairlead.apps.guard.engine.probe import Hit
from fairlead.apps.guard.engine.streaming import Flow, Piece
from fairlead.apps.guard.engine.whole import hits
from fairlead.apps.guard.findings import Finding, Placeholders
from fairlead.apps.guard.generic.learned import shipped
from fairlead.apps.guard.generic.scorer import Scorer
from fairlead.apps.guard.placeholders import Masked
from fairlead.apps.guard.rules.gitleaks import read_others
from fairlead.apps.guard.rules.loading import ours, rules_of
from fairlead.apps.guard.rules.model import RulesError
from fairlead.errors import Problem


def loaded(cache: Path | None = None, rules: Sequence[Path] = ()) -> Library:
    """The guard with our rules and those of the files given (gitleaks' form); once per process for the same ones.

    `cache` is the folder in which built patterns are kept; `~/.cache/fairlead/guard` without one. Raises `RulesError`.
    """
    return _loaded(cache or kept.default_folder(), tuple(rules))


@lru_cache(maxsize=8)
def _loaded(cache: Path, rules: tuple[Path, ...]) -> Library:
    return Library(pack_of(cache, rules))


def pack_of(cache: Path, rules: Sequence[Path] = (), scorer: Scorer | None = None) -> Pack:
    """What the engine needs, from the folder or built anew."""
    own = ours()
    others = {str(path): _read(path) for path in rules}
    key = key_of(own, others)
    try:
        return Pack(kept.kept_or_built(cache, key, lambda: _built(own, others)), scorer or shipped())
    except Unusable:  # the folder has come from another processor
        return Pack(kept.built_anew(cache, key, lambda: _built(own, others)), scorer or shipped())


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError([Problem(str(path), 0, "", f"can't be read: {error}")]) from None


def _built(own: dict[str, str], others: dict[str, str]) -> Packed:
    theirs = read_others(others)
    return packed((*rules_of(own), *theirs.rules), theirs.left_out)


class Library:
    """Scans, redacts and follows streams. Not to be used from two threads at a time."""

    def __init__(self, pack: Pack, digests: Digests | None = None) -> None:
        self._pack = pack
        self._digests = digests or Digests()

    @property
    def pack(self) -> Pack:
        """What it was built from, for whoever puts the engine's parts together in another way."""
        return self._pack

    @property
    def left_out(self) -> tuple[Problem, ...]:
        """Rules of others that could not be used, and why."""
        return self._pack.left_out

    def keyed(self, key: bytes) -> Library:
        """The same with digests under a key of one's own, so that they can be compared from run to run."""
        return Library(self._pack, Digests(key))

    def scan(self, text: str) -> Sequence[Finding]:
        """What stands in a text, in order, without overlaps."""
        data = text.encode("utf-8", "surrogatepass")
        return [finding for finding, _ in self._found(data, text.isascii(), None)]

    def scan_bytes(self, data: bytes, path: str | None = None) -> Sequence[Finding]:
        """What stands in a file's content, whatever its encoding; `start` and `end` count bytes."""
        found = self._found(data, True, path)
        return [finding for finding, _ in found] if found else ()

    def redact(self, text: str, placeholders: Placeholders | None = None) -> tuple[str, Sequence[Finding]]:
        """The text without its secrets, and what was found."""
        data = text.encode("utf-8", "surrogatepass")
        found = self._found(data, text.isascii(), None)
        if not found:
            return text, ()
        stand_ins = placeholders or Masked()
        parts: list[str] = []
        at = 0
        for finding, value in found:
            parts += (text[at : finding.start], stand_ins.of(finding, value))
            at = finding.end
        return "".join((*parts, text[at:])), [finding for finding, _ in found]

    def stream(self, placeholders: Placeholders | None = None) -> TextStream:
        """A text that comes in pieces."""
        return TextStream(Flow(self._pack), self._digests, placeholders or Masked())

    def _found(self, data: bytes, one_byte_each: bool, path: str | None) -> list[tuple[Finding, str]]:
        found = []
        byte = char = 0
        for hit in hits(self._pack, data, path):
            value = _text(data[hit.start : hit.end])
            start = hit.start if one_byte_each else char + _characters(data[byte : hit.start])
            length = hit.end - hit.start if one_byte_each else len(value)
            byte, char = hit.end, start + length
            found.append((finding_of(hit, start, char, self._digests.of(value)), value))
        return found


class TextStream:
    """One text that comes in pieces, redacted as it goes by."""

    def __init__(self, flow: Flow, digests: Digests, placeholders: Placeholders) -> None:
        self._flow = flow
        self._digests = digests
        self._placeholders = placeholders
        self._characters = 0

    def feed(self, text: str) -> tuple[str, Sequence[Finding]]:
        """More of it: what may be let out by now, redacted, and what was newly found."""
        return self._told(self._flow.feed(text.encode("utf-8", "surrogatepass")))

    def close(self) -> tuple[str, Sequence[Finding]]:
        """There is no more: the rest, redacted, and what was found in it."""
        return self._told(self._flow.close())

    def _told(self, pieces: Sequence[Piece]) -> tuple[str, Sequence[Finding]]:
        if not pieces:
            return "", ()
        parts: list[str] = []
        findings: list[Finding] = []
        for piece in pieces:
            if isinstance(piece, bytes):
                parts.append(_text(piece))
                self._characters += len(parts[-1])
            else:
                parts.append(self._replaced(*piece, findings))
        return "".join(parts), findings

    def _replaced(self, hit: Hit, data: bytes, findings: list[Finding]) -> str:
        value = _text(data)
        start = self._characters
        self._characters += len(value)
        findings.append(finding_of(hit, start, self._characters, self._digests.of(value)))
        return self._placeholders.of(findings[-1], value)


def finding_of(hit: Hit, start: int, end: int, digest: str) -> Finding:
    """A hit in the words that programs share."""
    return Finding(hit.rule, hit.kind, hit.severity, hit.confidence, start, end, digest, hit.reasons)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape")


def _characters(data: bytes) -> int:
    """Characters of UTF-8: every byte that does not continue one."""
    return len(data) if data.isascii() else len(_text(data))
