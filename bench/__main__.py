"""`python -m bench [NAME…] [--times N] [--results FOLDER]`: run benchmarks, all of them when none is named.

Each is a module of `bench.bars` with a `TIMES` (how often it does what it measures) and a `measure(times)`. Ends with 1
when a promise was seen broken.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import time
from pathlib import Path
from types import ModuleType

from bench import bars
from bench.figures import Figures, table

RESULTS = Path("build/bench")


def main() -> int:
    """Run what was asked for."""
    names = [found.name for found in pkgutil.iter_modules(bars.__path__)]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(names)}")
    parser.add_argument("--list", action="store_true", help="list them and end")
    parser.add_argument(
        "--times", type=int, help="how often each does what it measures; a small number for a quick look"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the figures as JSON")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    chosen = {name: importlib.import_module(f"bench.bars.{name}") for name in asked.names or names}
    if asked.list:
        print("\n".join(f"{name:<12}{_title(module)}" for name, module in chosen.items()))
        return 0
    broken = [_run(name, module, asked.times, asked.results).broken for name, module in chosen.items()]
    return 1 if any(broken) else 0


def _run(name: str, module: ModuleType, times: int | None, results: Path) -> Figures:
    print(f"\n{name}: {_title(module)}", flush=True)
    began = time.monotonic()
    figures: Figures = module.measure(times or module.TIMES)
    print(f"\n{table(figures.rows)}\n")
    for what in figures.broken:
        print(f"BROKEN: {what}")
    print(f"{time.monotonic() - began:.0f} s; {figures.save(results, name)}", flush=True)
    return figures


def _title(module: ModuleType) -> str:
    return (module.__doc__ or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
