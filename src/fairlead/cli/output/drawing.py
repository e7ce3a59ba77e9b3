"""Lines at the foot of the terminal that are drawn again and again, while what has happened scrolls by above them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.live import Live


class Drawing:
    """On standard error; begins with its first lines, and leaves nothing behind."""

    def __init__(self) -> None:
        self._live: Live | None = None

    def show(self, lines: Sequence[str]) -> None:
        """Draw these in place of those before."""
        from rich.text import Text

        if self._live is None:
            self._live = _begun()
        text = Text.from_ansi("\n".join(lines))
        text.no_wrap = True
        self._live.update(text, refresh=True)

    def say(self, text: str) -> None:
        """A line that stays, above."""
        if self._live is None:
            click.echo(text, err=True)
            return
        from rich.text import Text

        self._live.console.print(Text.from_ansi(text), soft_wrap=True)

    def close(self) -> None:
        """Take the lines away; closing twice is harmless."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def _begun() -> Live:
    from rich.console import Console
    from rich.live import Live

    colourless = click.get_current_context().color is False
    console = Console(file=sys.stderr, highlight=False, no_color=colourless)
    live = Live(console=console, transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
    live.start()
    return live
