"""What a Dockerfile is written for, and what a language adds to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fairlead.dockerfile.listing import Listing
from fairlead.errors import RuntimeFailure
from fairlead.stack.model.service import Service

Asker = Literal["python", "node", "wget"]
"""What an image has that can ask a program how it does; curl is in none of the small ones."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A service with its name, the files of its directory, and base images by their usual names that replace them."""

    name: str
    service: Service
    files: Listing
    images: Mapping[str, str] = field(default_factory=dict)

    def base(self, name: str, tag: str) -> str:
        """The base image to begin with: one with a tag of its own is taken as it is."""
        return self.base_of(self.images, name, tag)

    @staticmethod
    def base_of(images: Mapping[str, str], name: str, tag: str) -> str:
        """The same for no service."""
        wanted = images.get(name, name)
        return wanted if set(wanted.rpartition("/")[2]) & set(":@") else f"{wanted}:{tag}"

    @property
    def arguments(self) -> tuple[str, ...]:
        """Declares the build arguments of the stack file, so that the steps of the builder see them."""
        return tuple(f"ARG {name}" for name in (self.service.build.args if self.service.build else {}))

    def needed_command(self, example: str) -> tuple[str, ...]:
        """What the stack file says is run. Raises `RuntimeFailure` where it says nothing."""
        if not self.service.command:
            raise RuntimeFailure(
                f"{self.name}: there is no Dockerfile, and no `command` that says what is run",
                hint=f"add `command: {example}`, or write a Dockerfile",
            )
        return tuple(self.service.command)


@dataclass(frozen=True, slots=True)
class Recipe:
    """The lines of each stage that a language adds; a stage without lines is left out, production apart.

    What is the same for every language (user, ports, health) stands between `production` and `code`, which is copied
    last: a change of the code alone begins there.
    `command` is what the image runs, exec form; `asker` is what it has to ask itself how it does.
    """

    production: tuple[str, ...]
    code: tuple[str, ...]
    command: tuple[str, ...]
    builder: tuple[str, ...] = ()
    development: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    asker: Asker | None = None


def exec_form(words: Sequence[str]) -> str:
    """A command as a list, which no shell takes apart."""
    return json.dumps(list(words), ensure_ascii=False)
