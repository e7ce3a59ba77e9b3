"""`python -m bench.guard.quality [--seed N] [--each N] [--peers] [--tree PATH]`: how well secrets are told.

Values are made when it runs, from a seed, in the forms that issuers publish; they are put into files as people write
them, some of them whole files of installed packages. Each document holds one value, a secret or a look-alike. The
scanner reads the files; `POST /analyze` is asked of a service that runs, once with the text around and once without. A
secret counts as found when four fifths of it are covered; each finding where nothing was put counts as false. Intervals
are binomial ones of 95 %; values of one sort are alike, so read the tables by sort, too.

`--peers` runs detect-secrets, Kingfisher and CredSweeper over the same files, and the rules of gitleaks by our own
loader where `--gitleaks FILE` names them. `--tree` is scanned for findings per MB; site-packages without it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import sysconfig
import tempfile
from pathlib import Path

from bench.figures import Figures, table
from bench.guard.corpus import texts
from bench.guard.quality import judging
from bench.guard.quality.corpus import documents
from bench.guard.quality.others import beside
from bench.guard.quality.seeing import Seen, analyzed, scanned
from fairlead.apps.guard.library import loaded

RESULTS = Path("build/bench")
EACH = 12
MOST_PER_MB = 1.0


def main() -> int:
    """Measure, print, keep; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.guard.quality", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=EACH, help="documents of each sort (default: %(default)s)")
    parser.add_argument("--peers", action="store_true", help="run the peers over the same files")
    parser.add_argument("--gitleaks", type=Path, help="a rule file of gitleaks")
    parser.add_argument("--tree", type=Path, default=Path(sysconfig.get_path("purelib")))
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the figures as JSON")
    asked = parser.parse_args()
    corpus = list(documents(asked.seed, asked.each))
    figures = Figures([])
    with tempfile.TemporaryDirectory() as folder:
        seen = scanned(corpus, Path(folder, "files"))
        figures.rows.append(judging.row("scanner", judging.quality(seen)))
        runs = {"scanner": seen}
        for name, context in (("/analyze, text around", True), ("/analyze, value and name", False)):
            told = asyncio.run(analyzed(corpus, Path(folder, f"service-{context}"), context=context))
            figures.rows.append(judging.row(name, judging.quality(told)))
            runs[name] = told
        if asked.peers:
            figures.rows += beside(corpus, Path(folder, "files"), asked.gitleaks)
    figures.details |= {name: _kinds(run) for name, run in runs.items()}
    figures.details["places"] = {
        n: str(s) for n, s in judging.by(_secrets(seen), lambda one: one.document.place).items()
    }
    per_mb = noise(asked.tree)
    figures.rows.append({"tree": str(asked.tree.name), "findings per MB": round(per_mb, 3)})
    for name, run in runs.items():
        figures.broken += [f"{name}: {line}" for line in judging.missed(judging.quality(run))]
    if per_mb > MOST_PER_MB:
        figures.broken.append(f"findings per MB: {per_mb:.2f}")
    figures.save(asked.results, "guard-quality")
    print(table(figures.rows))
    for name, run in runs.items():
        _weakest(name, run)
    for line in figures.broken:
        print(f"missed: {line}", file=sys.stderr)
    return bool(figures.broken)


def _secrets(seen: list[Seen]) -> list[Seen]:
    return [one for one in seen if one.document.secret]


def _kinds(seen: list[Seen]) -> dict[str, str]:
    return {
        name: str(share)
        for name, share in judging.by(
            seen, lambda one: f"{one.document.subject.group}: {one.document.subject.kind}"
        ).items()
    }


def _weakest(by: str, seen: list[Seen]) -> None:
    secrets, others = _secrets(seen), [one for one in seen if not one.document.secret]
    print(f"\n{by}: least found, by sort of secret and by place; most often taken for one, by look-alike:")
    for group, least in (
        (judging.by(secrets, lambda one: f"{one.document.subject.group}: {one.document.subject.kind}"), True),
        (judging.by(secrets, lambda one: one.document.place), True),
        (judging.by(others, lambda one: one.document.subject.kind), False),
    ):
        shares = list(group.items()) if least else list(group.items())[::-1]
        for name, share in shares[:25]:
            if (share.value < 0.85) if least else share.hits:
                print(f"  {share.value:.2f} of {share.of:3}  {name}")
        print()


def noise(tree: Path) -> float:
    """Findings per MB of a tree that holds no secrets but those of examples."""
    guard, found, size = loaded(), 0, 0
    for path, data in texts(tree):
        found += len(guard.scan_bytes(data, str(path)))
        size += len(data)
    return found / (size / 1e6) if size else 0.0


if __name__ == "__main__":
    raise SystemExit(main())
