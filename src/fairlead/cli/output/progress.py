"""What an operation tells while it runs: lines that stay, and on a terminal one that moves below them.

All of it goes to standard error: standard output is for the result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import click

from fairlead.cli.output import screen
from fairlead.cli.output.drawing import Drawing
from fairlead.cli.output.judgement import judgement_line, judgement_lines, standing
from fairlead.cli.output.services import colour_of
from fairlead.cli.output.words import clean, span

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

STACK = "stack"
"""The subject of what concerns no single service."""


REPEAT_S = 1.9
"""Nothing is silent for more than two seconds."""

JUDGED_EVERY_S = 10.0
"""A release that is judged takes its time: a line in so many seconds tells that it goes on."""


class Progress(Protocol):
    """Shows the events of an operation."""

    def event(self, event: Mapping[str, Any]) -> None:
        """Show one."""

    def close(self) -> None:
        """Take away what moves; closing twice is harmless."""


def waiting(shown: Progress) -> Callable[[str], None]:
    """Tells what is waited for before any daemon can."""
    return lambda text: shown.event({"level": "progress", "subject": STACK, "text": text})


@contextmanager
def progress() -> Iterator[Progress]:
    """A moving line where the terminal has one, plain lines elsewhere."""
    shown: Progress = Moving() if screen.moves() else Plain()
    try:
        yield shown
    finally:
        shown.close()


class Plain:
    """Every event is a line: for files, pipes and continuous integration. A heartbeat that says nothing new is one line
    every `REPEAT_S` seconds, with how long it has been so.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last = ""
        self._began = self._said = 0.0
        self._judged = Judged(now)

    def event(self, event: Mapping[str, Any]) -> None:
        if found := judged(event):
            for text in self._judged.news(found, float(event["at"])):
                click.echo(text, err=True)
            return
        text, now = line(event), self._now()
        if text != self._last or event.get("level") != "progress":
            self._last, self._began, self._said = text, now, now
            click.echo(text, err=True)
        elif now - self._said >= REPEAT_S:
            self._said = now
            click.echo(f"{text} ({span(now - self._began)})", err=True)

    def close(self) -> None:
        pass


class Judged:
    """Releases under judgement, line by line: at once when something is news, else once in a while."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._told: dict[str, tuple[tuple[object, ...], float]] = {}

    def news(self, found: Sequence[Mapping[str, Any]], at: float) -> Iterator[str]:
        """The lines that are due; `at` is in seconds since the epoch."""
        for one in found:
            before, said = self._told.get(one["release"], ((), float("-inf")))
            if standing(one) != before or self._now() - said >= JUDGED_EVERY_S:
                self._told[one["release"]] = (standing(one), self._now())
                whose = one["services"][0]
                yield click.style(f"{whose}: ", fg=colour_of(whose)) + judgement_line(one, now=at)


def judged(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The releases under judgement that an event tells of."""
    return (event.get("data") or {}).get("judging") or [] if event.get("level") == "progress" else []


class Moving:
    """What is waited for is one line with a spinner and a clock, what is judged a picture; gone when all is done."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._drawing = Drawing()

    def event(self, event: Mapping[str, Any]) -> None:
        if found := judged(event):
            self._stop_waiting()
            self._drawing.show(picture(found, float(event["at"])))
        elif event.get("level") == "progress":
            self._drawing.close()
            self._wait_for(event)
        else:
            self._stay(line(event))

    def close(self) -> None:
        self._drawing.close()
        self._stop_waiting()

    def _stop_waiting(self) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = self._task = None

    def _wait_for(self, event: Mapping[str, Any]) -> None:
        text = click.unstyle(line(event)).strip()
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
        if self._task is None:
            self._task = self._bar.add_task(text, total=None)
        self._bar.update(self._task, description=text, refresh=True)

    def _stay(self, text: str) -> None:
        if self._bar is None:
            self._drawing.say(text)
            return
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None
            self._bar.refresh()
        from rich.text import Text

        self._bar.console.print(Text.from_ansi(text), soft_wrap=True)


def picture(found: Sequence[Mapping[str, Any]], at: float) -> list[str]:
    """Releases under judgement, one below the other."""
    lines: list[str] = []
    for one in found:
        lines += ["", *judgement_lines(one, now=at, width=screen.width_of_errors())]
    return lines


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    colourless = click.get_current_context().color is False
    console = Console(stderr=True, highlight=False, no_color=colourless)
    return Bar(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def line(event: Mapping[str, Any]) -> str:
    """One event as a line: whose it is, then what happened."""
    level, subject = event.get("level"), str(event.get("subject") or STACK)
    text = clean(str(event.get("text") or ""))
    whose = "" if subject == STACK else click.style(f"{subject}: ", fg=colour_of(subject))
    if level == "warning":
        return click.style("warning: ", fg="yellow", bold=True) + whose + text
    if level == "output":
        return whose + click.style(f"| {text}", dim=True)
    return whose + text
