"""How fast the scanner is over trees of files: `python -m bench.guard.tree [FOLDER…] [--gigabytes N]`.

Each tree is looked through by one process, then by as many as there are processors, after the files were read once
(warm). MB/s of one core are megabytes of text by the CPU time of the process, start included; binary files count for
nothing. With `--gigabytes` the trees are named again and again until there is so much, for the memory of a big scan.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from bench.figures import table
from bench.guard.hostile import FAIRLEAD, memory_bytes

MIB = 1 << 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--gigabytes", type=float, default=0.0)
    asked = parser.parse_args()
    folders = asked.folders or [Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("stdlib"))]
    rows = [_scanned(str(folder), [folder], workers) for folder in folders for workers in (1, None)]
    print(table(rows), flush=True)
    if asked.gigabytes:
        once = sum(float(row["MB of text"].replace(",", "")) for row in rows[::2])
        times = int(asked.gigabytes * 1000 / once) + 1
        print(table([_scanned(f"the same {times} times", folders * times, None)]))
    return 0


def _scanned(name: str, folders: list[Path], workers: int | None) -> dict[str, str]:
    words = [FAIRLEAD, "guard", "scan", "--all", "--format", "json", *folders]
    words += ["--workers", str(workers)] if workers else []
    before, began, most = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(words, stdout=out, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            most = max(most, memory_bytes(process.pid))
            time.sleep(0.1)
        took = time.monotonic() - began
        out.seek(0)
        report = json.load(out)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    megabytes = report["size_bytes"] / 1e6
    return {
        "tree": name,
        "processes": str(workers or len(os.sched_getaffinity(0))),
        "files": f"{report['files']:,}",
        "MB of text": f"{megabytes:,.0f}",
        "time": f"{took:.1f} s",
        "MB/s of a core": f"{megabytes / cpu:.0f}" if workers == 1 else "-",
        "memory (PSS, all)": f"{most / MIB:.0f} MiB",
        "secrets": f"{len(report['findings']):,}",
        "per MB": f"{len(report['findings']) / megabytes:.2f}",
    }


if __name__ == "__main__":
    sys.exit(main())
