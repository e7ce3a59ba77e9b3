"""The options of our apps' commands that say where records are: a folder, or a database by its address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def stored(folder: str, what: str) -> Callable[[Decorated], Decorated]:
    """Decorator: `--folder`, by default this one, and `--store` for what an app keeps."""

    def decorated(function: Decorated) -> Decorated:
        store = click.option(
            "--store",
            metavar="URL",
            envvar="DATABASE_URL",
            help=f"sqlite:PATH or postgresql://… for {what}. [DATABASE_URL; SQLite in the folder]",
        )
        place = click.option(
            "--folder",
            type=click.Path(path_type=Path, file_okay=False),
            default=folder,
            envvar="DATA_DIR",
            help=f"Where it keeps its records. [DATA_DIR; {folder}]",
        )
        return place(store(function))

    return decorated
