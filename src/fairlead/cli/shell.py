"""The shape of the command line on top of click: commands imported when called, help in sections, and global options
that may stand after the command too, since that is where people type them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from fairlead.cli.invocation import Invocation


class Command(click.Command):
    """A command that also takes the global options after its name."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        taken = {name for parameter in self.params for name in parameter.opts}
        self.params += [option for option in late_options() if not taken & set(option.opts)]


class Section(click.Group):
    """A command with commands of its own; alone it shows its help."""

    command_class = Command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            raise NoSuchCommand(args[0], self.list_commands(ctx), ctx)
        return super().resolve_command(ctx, args)


class Contents(Section):
    """Commands known by name and sentence; each is `command` of its own module, imported when it is called."""

    def __init__(self, *args: Any, package: str, sections: Mapping[str, Mapping[str, str]], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.package = package
        self.sections = sections

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for section in self.sections.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{self.package}.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.list_commands(ctx)))
        for title, commands in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), sentence) for name, sentence in commands.items()])


class NoSuchCommand(click.UsageError):
    """A command that does not exist; knows those that do."""

    def __init__(self, name: str, known: list[str], ctx: click.Context) -> None:
        super().__init__(f"no such command: {name}", ctx)
        self.name, self.known, self.path = name, known, ctx.command_path


def late_options() -> list[click.Option]:
    """The global options, to be given after a command; left out of its help."""
    return [
        click.Option(["--file"], type=click.Path(path_type=Path), callback=_set_file, **_LATE),
        click.Option(["--env"], metavar="NAME", callback=_set_environment, **_LATE),
        click.Option(["--no-color"], is_flag=True, callback=set_colour, **_LATE),
    ]


_LATE: dict[str, Any] = {"expose_value": False, "hidden": True, "is_eager": True}


def _set_file(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Invocation).given = value


def _set_environment(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.ensure_object(Invocation).environment = value


def set_colour(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    """`--no-color`, wherever it stands; otherwise the terminal decides."""
    if value:
        ctx.color = False
