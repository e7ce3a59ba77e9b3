"""How far the hub's estimate of tokens is from OpenAI's vocabularies: `pip install bpe-openai`, then this.

The texts are those of this machine: the project's own sources and pages, C headers, JSON, and the translations of
installed programs. The figures of the docstring of `fairlead.apps.hub.money.tokens` come from here.
"""

from __future__ import annotations

import gettext
import random
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from fairlead.apps.hub.money.tokens import CL100K, O200K

ROOT = Path(__file__).resolve().parents[2]
LOCALES = Path("/usr/share/locale")
FILES = {
    "English": [(ROOT, "docs/**/*.md"), (Path("/usr/share/doc"), "*/copyright")],
    "Python": [(ROOT, "src/**/*.py")],
    "C": [(Path("/usr/include"), "**/*.h")],
    "JSON": [(ROOT, "src/**/*.json"), (Path("/usr/lib/node_modules"), "**/package.json")],
}
SIZES = (150, 500, 1500, 4000)
EACH = 150
"""Texts of a kind."""


def main() -> int:
    try:
        import bpe_openai
    except ImportError:
        print("bpe-openai is not installed: pip install bpe-openai", file=sys.stderr)
        return 1
    chance = random.Random(1)
    texts = {kind: list(_cut(_files(places), chance)) for kind, places in FILES.items()}
    texts |= {folder.name: list(_cut(_translations(folder), chance)) for folder in sorted(LOCALES.glob("??"))}
    for name, words in (("o200k_base", O200K), ("cl100k_base", CL100K)):
        encode = bpe_openai.get_encoding(name).encode
        real = {kind: [len(encode(text)) for text in some] for kind, some in texts.items() if len(some) >= 4}
        _print(name, {kind: _errors(texts[kind], counts, words.count) for kind, counts in real.items()})
        _print(
            f"{name}, a token for 4 bytes", {kind: _errors(texts[kind], counts, _by_4) for kind, counts in real.items()}
        )
    return 0


def _errors(texts: list[str], real: list[int], count: Callable[[str], int]) -> list[float]:
    return [(count(text) - tokens) / tokens for text, tokens in zip(texts, real, strict=True)]


def _by_4(text: str) -> int:
    return len(text.encode()) // 4


def _print(name: str, found: dict[str, list[float]]) -> None:
    rows = {"all": [error for errors in found.values() for error in errors]} | found
    for kind, errors in rows.items():
        sizes = sorted(map(abs, errors))
        middle, most = statistics.median(sizes), sizes[int(len(sizes) * 0.95)]
        figures = f"median {middle:4.0%}, 95 in 100 {most:4.0%}, bias {statistics.mean(errors):+4.0%}"
        print(f"{name:12} {kind:8} {len(errors):5} texts: {figures}")


def _files(places: Iterable[tuple[Path, str]]) -> Iterator[str]:
    for folder, pattern in places:
        for path in sorted(folder.glob(pattern))[:300]:
            if path.is_file():
                yield path.read_text(errors="replace")


def _translations(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("LC_MESSAGES/*.mo")):
        with path.open("rb") as file:
            try:
                read: Any = gettext.GNUTranslations(file)
            except (OSError, UnicodeDecodeError, ValueError, IndexError):
                continue
        catalogue = read._catalog  # noqa: SLF001  # gettext has no public way to all of them
        yield "\n".join(text for key, text in catalogue.items() if isinstance(key, str) and key and text != key)


def _cut(texts: Iterable[str], chance: random.Random) -> Iterator[str]:
    """Some pieces of each, of various sizes."""
    count = 0
    for text in texts:
        for _ in range(4):
            size = chance.choice(SIZES)
            if len(text) > size and count < EACH:
                count += 1
                start = chance.randrange(len(text) - size)
                yield text[start : start + size]


if __name__ == "__main__":
    sys.exit(main())
