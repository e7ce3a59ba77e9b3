"""`python -m tools.guard_model [--seed N] [--tree PATH…] [--write]`: trains the guard's model for passwords and keys.

Needs `pip install -e '.[dev,training]'`. Look-alikes from the wild come from the installed packages and the standard
library, or from the trees named. Without `--write` it only measures.
"""

from __future__ import annotations

import argparse
import platform
import sys
import sysconfig
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
from tools.guard_model import measuring, training
from tools.guard_model.natural import gathered
from tools.guard_model.rows import Row, counted, made

from fairlead.apps.guard.generic.learned import SHIPPED, UNLIKELY, Model
from fairlead.apps.guard.generic.letters import Letters
from fairlead.apps.guard.generic.measures import NAMES

SEED = 20261121
EACH = 900
THRESHOLD = 0.5


def main() -> int:
    """Make, fit, calibrate, measure, and keep when asked."""
    parser = argparse.ArgumentParser(prog="python -m tools.guard_model", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--each", type=int, default=EACH, help="rows of each family (default: %(default)s)")
    parser.add_argument("--tree", type=Path, action="append", help="a folder of published code")
    parser.add_argument("--write", action="store_true", help="replace the model that is shipped")
    asked = parser.parse_args()
    trees = asked.tree or [Path(sysconfig.get_path(part)) for part in ("stdlib", "purelib")]
    model = trained([*made(asked.seed, asked.each), *gathered(trees, asked.seed)], asked.seed)
    if asked.write:
        SHIPPED.write_bytes(msgspec.json.encode(model) + b"\n")
        sys.stdout.write(f"{SHIPPED.name}: {SHIPPED.stat().st_size} bytes\n")
    return 0


def trained(rows: Sequence[Row], seed: int) -> Model:
    """The model of these rows; what it is worth on rows left out is printed."""
    costs = training.letter_costs()
    data = training.matrix(rows, Letters(costs))
    names = training.names_alone(rows)
    odds = {
        "values of families it has not seen": training.left_out(data, data.families, seed),
        "surroundings it has not seen": training.left_out(data, data.surroundings, seed),
    }
    calibration = training.calibrated(list(odds.values()), data)
    for split, each in odds.items():
        p = np.where(names, UNLIKELY, [calibration.of(float(one)) for one in each])
        measuring.told(split, rows, p, THRESHOLD)
    return Model(
        made_from={
            "seed": str(seed), **{kind: str(count) for kind, count in counted(rows).items()},
            "python": platform.python_version(), "scikit-learn": version("scikit-learn"), "zxcvbn": version("zxcvbn"),
        },
        features=NAMES,
        letters=training.in_base64(costs),
        forest=training.forest(training.fitted(data, np.ones(len(rows), dtype=bool), seed)),
        calibration=calibration,
        threshold=THRESHOLD,
        information=training.information(rows, p),
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
