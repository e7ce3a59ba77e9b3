"""`python -m bench.guard [--tree PATH…] [--peers] [--sample MB] [--results FOLDER]`: how fast the guard is.

All on one core, in CPU seconds, for the machine may be shared. Trees are read into memory first, scanned once to warm
up and then measured. Prompts are 20 KB of such text. Pieces are 4 to 64 bytes of prose and of code, with their average
cost in all and that of the automaton alone, and how much is held back on average. Ready is the time from nothing built
in memory to the first scan, with what was built before on disk.

`--peers` installs detect-secrets, CredSweeper and Kingfisher (PyPI) into folders of their own under build/ and runs
them, and `fairlead guard scan`, as programs over the same sample of the first tree. CPU seconds include their start;
MB/s are given with it and without, the start being what a run over next to nothing takes. The slowest get a share.
"""

from __future__ import annotations

import argparse
import sysconfig
import tempfile
from pathlib import Path

from bench.figures import Figures, table
from bench.guard import pieces, speed
from bench.guard.peers import beside

RESULTS = Path("build/bench")
SAMPLE_MB = 64.0


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m bench.guard", description=__doc__)
    parser.add_argument("--tree", type=Path, action="append", help="a folder to scan; site-packages and the library")
    parser.add_argument("--peers", action="store_true", help="run the peers too, over a sample")
    parser.add_argument("--sample", type=float, default=SAMPLE_MB, help="MB of the sample (default: %(default)s)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the figures as JSON")
    asked = parser.parse_args()
    trees = asked.tree or [Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("stdlib"))]
    figures = Figures([])
    with tempfile.TemporaryDirectory() as folder:
        ready = speed.ready(Path(folder))
        figures.rows += ready
    for tree in trees:
        figures.rows.append(speed.whole(tree))
    figures.rows += [speed.prompts(trees[0]), *pieces.rows()]
    if asked.peers:
        figures.rows += beside(trees[0], asked.sample, Path("build/peers"))
    path = figures.save(asked.results, "guard")
    print(table(figures.rows))
    print(f"\nfigures: {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
