"""`fairlead docs`: what a key of the stack file means, from the model itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from fairlead.cli.output import screen
from fairlead.cli.shell import Command

if TYPE_CHECKING:
    from fairlead.stack.docs import DocPage

WIDEST = 100


@click.command(cls=Command)
@click.argument("key", default="")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(key: str, as_json: bool) -> None:
    """Explain a key of the stack file.

    For example `fairlead docs services.scale`. Without a key: the top of the file.
    """
    from fairlead.stack.docs import document

    page = document(key)
    if as_json:
        click.echo(json.dumps(asdict(page), indent=2))
        return
    for line in page_lines(page, min(screen.width() or WIDEST, WIDEST)):
        click.echo(line)


def page_lines(page: DocPage, width: int) -> Iterator[str]:
    """A page for the terminal."""
    yield click.style(page.key or "the stack file", bold=True)
    yield from _wrapped(_kind(page), width)
    for paragraph in page.description.split("\n\n"):
        yield ""
        yield from _wrapped(paragraph, width)
    if page.children:
        yield from ("", "keys:", *_keys(page, width))
    yield from ("", "example:", *(f"  {line}" for line in page.example.splitlines()))


def _kind(page: DocPage) -> str:
    if page.required:
        return f"{page.type}; required"
    return f"{page.type}; default: {page.default}" if page.default is not None else page.type


def _keys(page: DocPage, width: int) -> Iterator[str]:
    widest = max(len(name) for name, _ in page.children)
    for name, sentence in page.children:
        first, *more = list(_wrapped(sentence, max(width - widest - 4, 30))) or [""]
        yield f"  {click.style(name.ljust(widest), fg='cyan')}  {first}".rstrip()
        yield from (f"  {'':<{widest}}  {line}" for line in more)


def _wrapped(text: str, width: int) -> Iterator[str]:
    yield from click.wrap_text(text, width).splitlines()
