"""Scripts for people: the same text for every stack, beside a file of facts for each environment."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

HEADER = "# Rendered by Fairlead. What is changed here is lost with the next rendering.\n"


@cache
def script(name: str) -> str:
    """A script that comes with this package, as it is written to a folder."""
    text = files(__package__).joinpath("files", f"{name}.sh").read_text()
    first, _, rest = text.partition("\n")
    return f"{first}\n{HEADER}{rest}"
