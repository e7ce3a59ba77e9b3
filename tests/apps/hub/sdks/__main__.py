"""Runs every check and prints docs/reference/hub-clients.md; with `--write`, writes it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.apps.hub.sdks import clients
from tests.apps.hub.sdks.matrix import CLOSING, PAGE, outcomes, page
from tests.apps.hub.sdks.town import Town

assert clients.__all__, "they put their checks in"


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        town.begin()
        try:
            text = page(outcomes(town))
        finally:
            CLOSING.close()
            town.end()
    if "--write" in arguments:
        PAGE.write_text(text)
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
