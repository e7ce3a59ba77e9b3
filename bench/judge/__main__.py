"""`python -m bench.judge [--quick] [--times N] [--results FOLDER]`: simulate releases whose truth is known, judge them.

Four indicators; 20 and 2 requests a second; quiet, and with an incident of a provider that hits both versions. Ours
judges for an hour at 20 requests a second and up to four at 2; its peers' analysis is set to an hour, so that is when
they promote. They are shown a fifth of the releases: their rates are far from any limit. Seeds are fixed. Times to
catch are medians of what was caught; read them beside the first column: who takes nearly all releases back is quick.

Then costs, whose mean is judged by a method that is exact only in the limit: how far off it is where they are skewed.

Ends with 1 when a promise of ours is refuted: false rollback at most 1 %, false promotion at the margin at most 5 %.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.figures import Figures, Row, table
from bench.judge import costs
from bench.judge.interval import interval
from bench.judge.judges import JUDGES, POLICY, Decision
from bench.judge.traffic import Setting, release

RESULTS = Path("build/bench")
TIMES = 1000
QUICK = 100
OURS = "Fairlead"

SETTINGS = {
    f"{rate:g}/s, {'incident' if has_incident else 'quiet'}": Setting(rate, horizon_s, stretch_s, has_incident)
    for rate, horizon_s, stretch_s in ((20.0, 3600.0, 15.0), (2.0, 14400.0, 60.0))
    for has_incident in (False, True)
}
TRUTHS = {"good": 1.0, "at the margin": 2.0, "x3": 3.0, "x10": 10.0}
"""How many times the errors of the stable version the new one has."""

Decisions = dict[str, list[Decision]]
"""What a judge decided, by truth."""


def main() -> int:
    """Run the simulation and print its table."""
    parser = argparse.ArgumentParser(prog="python -m bench.judge", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} releases of each kind instead of {TIMES}")
    parser.add_argument("--times", type=int, help="releases of each kind")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the figures as JSON")
    asked = parser.parse_args()
    began = time.monotonic()
    figures = measure(asked.times or (QUICK if asked.quick else TIMES))
    print(f"\n{table(figures.rows)}\n")
    for what in figures.broken:
        print(f"BROKEN: {what}")
    print(f"{time.monotonic() - began:.0f} s; {figures.save(asked.results, 'judge')}", flush=True)
    return 1 if figures.broken else 0


def measure(times: int) -> Figures:
    """Rows for each setting and judge, then what is promised over all settings."""
    figures = Figures([])
    ours: list[Decisions] = []
    for name, setting in SETTINGS.items():
        print(f"{name} …", flush=True)
        decided = _decided(name, setting, times)
        ours.append(decided[OURS])
        figures.rows = [*figures.rows, *(_row(name, judge, decisions) for judge, decisions in decided.items())]
    print("costs …", flush=True)
    figures.rows = [*figures.rows, *_cost_rows(max(times // 5, 10))]
    promised = list(_promises(ours))
    figures.rows = [*figures.rows, *(row for row, _ in promised)]
    figures.broken = [f"{row['promise']}: {row['seen']}" for row, refuted in promised if refuted]
    return figures


def _decided(name: str, setting: Setting, times: int) -> dict[str, Decisions]:
    decided: dict[str, Decisions] = {judge: {truth: [] for truth in TRUTHS} for judge in JUDGES}
    for truth, ratio in TRUTHS.items():
        for number in range(times):
            stretches = release(replace(setting, ratios={"errors": ratio}), f"{name} {truth} {number}")
            for judge, decide in JUDGES.items():
                if judge == OURS or number % 5 == 0:
                    decided[judge][truth].append(decide(stretches))
    return decided


def _row(setting: str, judge: str, decisions: Decisions) -> Row:
    return {
        "setting": setting,
        "judge": judge,
        "good taken back": _rate(decisions["good"], "roll back"),
        "margin promoted": _rate(decisions["at the margin"], "promote"),
        "x3 caught": _times(decisions["x3"], "roll back"),
        "x3 promoted": _part(decisions["x3"], "promote"),
        "x10 caught": _times(decisions["x10"], "roll back"),
        "good promoted": _times(decisions["good"], "promote"),
    }


def _cost_rows(times: int) -> Iterator[Row]:
    for spread in costs.SPREADS:
        for share in costs.SHARES:
            good, margin = (
                [costs.judged(spread, share, ratio, f"{spread} {share} {ratio} {number}") for number in range(times)]
                for ratio in (1.0, costs.MARGIN)
            )
            promoted = [one.canary for one in good if one.kind == "promote"]
            yield {
                "mean cost": f"spread {spread:g}, share {share:.0%}",
                "good taken back": _rate(good, "roll back"),
                "margin promoted": _rate(margin, "promote"),
                "good promoted": _part(good, "promote"),
                "after requests of the canary": f"{median(promoted):.0f}" if promoted else "-",
            }


def _promises(ours: Sequence[Decisions]) -> Iterator[tuple[Row, bool]]:
    for promise, truth, kind, level in (
        ("a good release is taken back", "good", "roll back", POLICY.alpha),
        ("one at the margin is promoted", "at the margin", "promote", POLICY.beta),
    ):
        decisions = [decision for decided in ours for decision in decided[truth]]
        lower, upper = interval(sum(one.kind == kind for one in decisions), len(decisions))
        proven = "kept" if upper <= level else "refuted" if lower > level else "neither proven nor refuted"
        row = {"promise": promise, "at most": f"{level:.0%}", "seen": _rate(decisions, kind), "so it is": proven}
        yield row, lower > level


def _rate(decisions: Sequence[Decision | costs.Judged], kind: str) -> str:
    """Rate with its interval at 95 %, in percent."""
    hits = sum(one.kind == kind for one in decisions)
    lower, upper = interval(hits, len(decisions))
    return f"{100 * hits / len(decisions):.1f} % ({100 * lower:.1f} to {100 * upper:.1f}; {hits} of {len(decisions)})"


def _part(decisions: Sequence[Decision | costs.Judged], kind: str) -> str:
    return f"{100 * sum(one.kind == kind for one in decisions) / len(decisions):.0f} %"


def _times(decisions: Sequence[Decision], kind: str) -> str:
    """How many, and the median of the minutes it took those."""
    found = [one.at_s / 60 for one in decisions if one.kind == kind]
    return f"{_part(decisions, kind)}, {median(found):.1f} min" if found else "0 %"


if __name__ == "__main__":
    sys.exit(main())
