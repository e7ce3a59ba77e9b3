"""The entrance: `fairlead COMMAND`. Imports click and nothing heavier; what a command needs comes with its module."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from fairlead import __version__
from fairlead.cli.contents import SECTIONS
from fairlead.cli.failing import colour_wanted, report
from fairlead.cli.invocation import Invocation
from fairlead.cli.shell import Contents, set_colour


@click.group(
    cls=Contents,
    package="fairlead.cli.commands",
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Stack file. Default: fairlead.yaml here or above.")
@click.option("--env", "environment", metavar="NAME", help="Environment of the stack file (an overlay).")
@click.option("--no-color", is_flag=True, expose_value=False, callback=set_colour, help="No colours, as with NO_COLOR.")
@click.version_option(__version__, prog_name="fairlead", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context, file: Path | None, environment: str | None) -> None:
    """Takes LLM services to production and keeps them there.

    One file describes the services; `fairlead up` runs them behind a router, `fairlead deploy` releases a new version
    without losing a request.
    """
    ctx.obj = Invocation(file, environment)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process with its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    colour = colour_wanted(words)
    try:
        code = root.main(words, prog_name="fairlead", standalone_mode=False, color=colour)
        sys.stdout.flush()
    except BrokenPipeError:
        code = _nobody_reads()
    except Exception as error:  # the last line of defence: a person never sees a traceback
        code = report(error, colour=colour)
    sys.exit(code if isinstance(code, int) else 0)


def _nobody_reads() -> int:
    """The reader of our output has gone (`fairlead logs | head`): end quietly, as if SIGPIPE had ended us."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141
