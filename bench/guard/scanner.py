"""`python -m bench.guard.scanner FOLDER`: ours as a program over a folder, for a comparison of programs."""

from __future__ import annotations

import sys
from pathlib import Path

from fairlead.apps.guard.library import loaded


def main(folder: Path) -> int:
    """Prints how much is found."""
    guard = loaded()
    print(sum(len(guard.scan_bytes(path.read_bytes())) for path in folder.rglob("*") if path.is_file()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
