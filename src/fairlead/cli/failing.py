"""The one place that tells a person what went wrong, and decides the exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence

import click

from fairlead.cli.shell import NoSuchCommand
from fairlead.errors import FairleadError, Problem, StackError

INTERRUPTED = 130
"""128 + SIGINT, as a shell says it."""


def report(error: BaseException, *, colour: bool | None) -> int:
    """Print the error and how to mend it, and give the exit code. No traceback, unless FAIRLEAD_DEBUG is set."""
    if os.environ.get("FAIRLEAD_DEBUG") and not isinstance(error, click.ClickException | click.Abort):
        traceback.print_exception(error)
    if isinstance(error, click.Abort):
        return (
            INTERRUPTED
            if isinstance(error.__cause__, KeyboardInterrupt | None)
            else _say([("error", "no answer")], colour, 1)
        )
    if isinstance(error, StackError):
        return _say(_stack_lines(error), colour, error.exit_code)
    if isinstance(error, FairleadError):
        problems = [("error", str(problem)) for problem in getattr(error, "problems", ())]
        return _say(problems or _lines(error.message, error.hint), colour, error.exit_code)
    if isinstance(error, click.ClickException):
        return _say(_lines(*_usage(error)), colour, error.exit_code)
    if isinstance(error, OSError) and error.strerror:
        return _say(_lines(f"{error.filename}: {error.strerror}" if error.filename else error.strerror), colour, 1)
    name = type(error).__name__
    return _say(
        _lines(f"something unexpected: {name}: {error}", "FAIRLEAD_DEBUG=1 shows where; please report it"), colour, 1
    )


def colour_wanted(arguments: Sequence[str]) -> bool | None:
    """False when colour is not wanted (https://no-color.org, `--no-color`), None to let the terminal decide."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return False if os.environ.get("NO_COLOR") or "--no-color" in own else None


def problem_lines(problems: Sequence[Problem]) -> Iterator[tuple[str, str]]:
    """Each problem, and how to mend it."""
    for problem in problems:
        yield from _lines(str(problem), problem.hint)


def _stack_lines(error: StackError) -> Iterator[tuple[str, str]]:
    yield from problem_lines(error.problems)
    if error.hint:
        yield "hint", error.hint


def _lines(message: str, hint: str | None = None) -> Iterator[tuple[str, str]]:
    yield "error", message
    if hint:
        yield "hint", hint


def _say(lines: Iterator[tuple[str, str]] | list[tuple[str, str]], colour: bool | None, code: int) -> int:
    sys.stdout.flush()
    for kind, text in lines:
        word = click.style(f"{kind}:", fg="red" if kind == "error" else "cyan", bold=True)
        click.echo(f"{word} {text}", err=True, color=colour)
    return code


def _usage(error: click.ClickException) -> tuple[str, str | None]:
    """A usage error of click's in our own voice: lower case, no period, a suggestion or where to read on."""
    if isinstance(error, click.NoSuchOption):
        return f"no such option: {error.option_name}", _suggestion(error)
    message = error.format_message() if isinstance(error, click.BadParameter) else error.message
    message = message.strip().removesuffix(".")
    return message[:1].lower() + message[1:], _suggestion(error)


def _suggestion(error: click.ClickException) -> str | None:
    if isinstance(error, NoSuchCommand):
        from fairlead.kit.suggest import nearest

        near = nearest(error.name, error.known)
        return f"did you mean `{near}`?" if near else f"`{error.path} --help` lists the commands"
    found = getattr(error, "possibilities", None)
    if found:
        return f"did you mean `{found[0]}`?"
    context = getattr(error, "ctx", None)
    return f"`{context.command_path} --help` shows how" if context else None
