"""What the scanner makes of content that is made to harm it: `python -m bench.guard.hostile [--small]`.

Each case is looked through by `fairlead guard scan` in a process of its own: time, the largest memory of it and
its workers, and what it said. A case is broken when it takes more than its limit of a processor's time (the machine may
be busy), or when it ends without a word.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import os
import random
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil

from bench.figures import table

FAIRLEAD = Path(sys.executable).with_name("fairlead")
LIMIT_BYTES = 300 << 20
LIMIT_S = 600.0
MIB = 1 << 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a hundredth of each size")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    scale = 100 if asked.small else 1
    subprocess.run([FAIRLEAD, "guard", "scan", os.devnull], capture_output=True, check=False)  # builds the rules
    rows, broken = [], False
    for name, make in CASES.items():
        if asked.names and name not in asked.names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), scale)
            row, bad = _looked_at(name, Path(folder))
        rows.append(row)
        broken |= bad
        print(table([row]), flush=True)
    print(f"\n{table(rows)}")
    return 1 if broken else 0


def _looked_at(name: str, folder: Path) -> tuple[dict[str, str], bool]:
    """Time and memory of one scan, and whether a limit was passed."""
    with tempfile.TemporaryFile() as out:
        began = time.monotonic()
        process = subprocess.Popen([FAIRLEAD, "guard", "scan", "--all", folder], stdout=out, stderr=subprocess.STDOUT)
        most, cpu = 0, 0.0
        while process.poll() is None and cpu < LIMIT_S:
            most, cpu = max(most, memory_bytes(process.pid)), max(cpu, cpu_s(process.pid))
            time.sleep(0.05)
        took = time.monotonic() - began
        hung = process.poll() is None
        if hung:
            process.kill()
        process.wait()
        out.seek(0)
        lines = out.read().decode().replace(str(folder), "").splitlines()
    size = sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    said = [line for line in lines if "not looked through:" in line or line.startswith("holds no text")]
    row = {
        "content": name,
        "size": f"{size / MIB:,.0f} MiB",
        "time": f"{took:.1f} s",
        "of a processor": f"{cpu:.1f} s",
        "memory (PSS, all processes)": f"{most / MIB:.0f} MiB",
        "ends with": "hangs" if hung else str(process.returncode),
        "says": "; ".join(said)[:160] or "".join(lines[-1:])[:100],
    }
    return row, hung or not lines or most > LIMIT_BYTES or process.returncode not in (0, 1, 11)


def memory_bytes(pid: int) -> int:
    """Bytes that would be free again if the process and all that it started ended."""
    total = 0
    try:
        processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total


def cpu_s(pid: int) -> float:
    """Seconds of processors that a process and its workers have used."""
    total = 0.0
    with contextlib.suppress(psutil.Error):
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            total += sum(process.cpu_times()[:2])
    return total


def _written(unit: bytes, mib: int, folder: Path, scale: int, name: str = "content") -> None:
    block = (unit * (MIB // len(unit) + 1))[:MIB]
    with (folder / name).open("wb") as file:
        for _ in range(max(1, mib // scale)):
            file.write(block)


def _one_line(folder: Path, scale: int) -> None:
    words = random.Random(1)
    block = " ".join("".join(words.choices("abcdefghijklmnop", k=words.randint(2, 9))) for _ in range(200_000))
    _written(block.encode(), 1024, folder, scale)


def _bombs(folder: Path, scale: int) -> None:
    zeros = b"words " * (170_000 * 1024 // scale // 6)
    for number in range(3):
        with gzip.open(folder / f"{number}.gz", "wb") as file:
            for _ in range(10):
                file.write(zeros)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(str(number), zeros)
    (folder / "many.zip").write_bytes(made.getvalue())


def _nested(folder: Path, scale: int) -> None:
    content = b"nothing"
    for number in range(200):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr(str(number), content)
        content = made.getvalue()
    (folder / "zip").write_bytes(content)
    with tarfile.open(folder / "tar", "w") as archive_of_many:
        for number in range(200_000 // scale):
            archive_of_many.addfile(tarfile.TarInfo(f"{number}"))
    here = folder
    for _ in range(120):
        here /= "folder"
        here.mkdir()
    (here / "a").write_text("nothing")


def _strange(folder: Path, scale: int) -> None:
    del scale
    os.mkfifo(folder / "fifo")
    (folder / "loop").symlink_to(folder)
    (folder / "self").symlink_to("self")
    (folder / "new\nline\x1b[31m").write_text("nothing")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe")).write_text("nothing")
    with (folder / "sparse").open("wb") as file:
        file.truncate(1 << 37)


def _of(unit: bytes, mib: int = 100) -> Callable[[Path, int], None]:
    return lambda folder, scale: _written(unit, mib, folder, scale)


CASES: dict[str, Callable[[Path, int], None]] = {
    "1 GB on one line": _one_line,
    "100 MB of `a`": _of(b"a"),
    "100 MB of `A`": _of(b"A"),
    "100 MB of newlines": _of(b"\n"),
    "100 MB of `=`": _of(b"="),
    "100 MB of bytes that are no UTF-8": _of(b"\xff\xc3\x28 "),
    "100 MB of `ghp_`": _of(b"ghp_"),
    "100 MB of `password=`": _of(b"password="),
    "100 MB of `token `": _of(b"token "),
    "100 MB of beginnings of keys": _of(b"-----BEGIN RSA PRIVATE KEY-----\n"),
    "100 MB of `%41`": _of(b"%41"),
    "100 MB of base64": _of(b"QUFB" * 24 + b"\n"),
    "bombs": _bombs,
    "deep nesting": _nested,
    "strange files": _strange,
}

if __name__ == "__main__":
    sys.exit(main())
