"""The guard's peers over the same files, each as a program; what they report is by line, so a line counts as found."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench.figures import Row
from bench.guard.peers import PEERS, run
from bench.guard.quality import judging
from bench.guard.quality.corpus import Document
from bench.guard.quality.seeing import Seen, line_of, scanned
from bench.hub.peers import installed
from fairlead.apps.guard.engine.pack import Pack, packed
from fairlead.apps.guard.generic.learned import shipped
from fairlead.apps.guard.library import Library
from fairlead.apps.guard.rules.gitleaks import read_others
from fairlead.apps.guard.scanning.worker import Setting, Worker

Line = tuple[str, int]
"""A file, as it was named to the program, and the line of a finding in it."""
FOLDER = Path("build/peers")


def beside(corpus: Sequence[Document], files: Path, gitleaks: Path | None) -> list[Row]:
    """A row for each peer."""
    rows: list[Row] = []
    for name, lines in LINES.items():
        peer = PEERS[name]
        python = installed(FOLDER.absolute() / name, peer.package)
        with tempfile.TemporaryDirectory() as scratch:
            report = Path(scratch, "report.json")
            done = run(peer.argv(python, report), files)
            rows.append(judging.row(name, judging.quality(seen_of(corpus, files, lines(done.output, report)))))
    if gitleaks is not None:
        theirs = read_others({str(gitleaks): gitleaks.read_text("utf-8")})
        worker = Worker(Setting(), library=Library(Pack(packed(theirs.rules, theirs.left_out), shipped())))
        rows.append(judging.row("rules of gitleaks", judging.quality(scanned(corpus, files, worker))))
    return rows


def seen_of(corpus: Sequence[Document], files: Path, lines: Iterable[Line]) -> list[Seen]:
    """A finding on a line of the value is a hit, one on another line is false."""
    found: dict[str, Counter[int]] = {}
    for path, line in set(lines):
        relative = Path(path).resolve().relative_to(files.resolve()) if Path(path).is_absolute() else Path(path)
        found.setdefault(str(relative), Counter())[line] += 1
    seen = []
    for document in corpus:
        first = line_of(document)
        last = first + document.text.count("\n", document.start, document.end)
        here = found.get(document.path, Counter())
        hit = any(first <= line <= last for line in here)
        seen.append(Seen(document, hit, sum(not first <= line <= last for line in here)))
    return seen


def _kingfisher(output: str, _: Path) -> list[Line]:
    found = []
    for text in output.splitlines():
        if '"rule"' in text:
            told = json.loads(text)["finding"]
            found.append((told["path"].removeprefix("./"), int(told["line"])))
    return found


def _credsweeper(_: str, report: Path) -> list[Line]:
    told = json.loads(report.read_text()) if report.exists() else []
    return [
        (line["path"].removeprefix("./"), int(line["line_num"])) for one in told for line in one["line_data_list"][:1]
    ]


def _detect_secrets(output: str, _: Path) -> list[Line]:
    results = json.loads(output)["results"]
    return [(path.removeprefix("./"), int(one["line_number"])) for path, each in results.items() for one in each]


LINES: dict[str, Callable[[str, Path], list[Line]]] = {
    "kingfisher": _kingfisher,
    "credsweeper": _credsweeper,
    "detect-secrets": _detect_secrets,
}
