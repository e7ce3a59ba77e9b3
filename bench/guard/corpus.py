"""The texts that are scanned: the files of a tree that are text, without those of version control."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

LARGEST = 4 << 20
"""Bytes of the largest file that is taken."""


def texts(tree: Path) -> Iterator[tuple[Path, bytes]]:
    """Each text file of a tree with its content, in the order of their names."""
    for path in sorted(tree.rglob("*")):
        if ".git" in path.parts or not path.is_file() or path.is_symlink() or path.stat().st_size > LARGEST:
            continue
        data = path.read_bytes()
        if data and b"\0" not in data[:4096]:
            yield path, data


def sample(tree: Path, megabytes: float, folder: Path) -> float:
    """Copies files from all over a tree into a folder; gives back how many MB they are."""
    files = list(texts(tree))
    every = max(1, round(sum(len(data) for _, data in files) / (megabytes * 1e6)))
    size = 0
    for number, (path, data) in enumerate(files[::every]):
        target = folder / str(number % 50) / f"{number}{path.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        size += len(data)
    return size / 1e6
