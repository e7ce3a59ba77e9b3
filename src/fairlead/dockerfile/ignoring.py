"""What is not sent to a builder: the `.dockerignore` we write, and what any of them leaves out.

The rules are the builder's own (https://docs.docker.com/build/concepts/context/#dockerignore-files): patterns from
the root of the context, `*` within one name, `**` across names, the last one that fits wins, `!` takes back in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

USUAL = (
    "**/.git", "**/.venv", "**/venv", "**/node_modules", "**/__pycache__", "**/*.pyc", "**/.pytest_cache",
    "**/.mypy_cache", "**/.ruff_cache", "**/.DS_Store", "**/target/debug", "**/target/release", "Dockerfile*",
    ".dockerignore", "**/.env*", "**/.netrc",
)  # fmt: skip
"""Left out where a directory has no `.dockerignore` of its own."""


def dockerignore(service: Service, stack: Stack, directory: str = ".") -> str:
    """The text for a service's directory, which the stack file names `directory`."""
    own = [f"**/{pattern.removeprefix('**/')}" for pattern in service.ignore]
    return "\n".join(dict.fromkeys([*USUAL, *own, *secret_patterns(stack, directory)])) + "\n"


def secret_patterns(stack: Stack, directory: str = ".") -> list[str]:
    """What never becomes part of an image, whatever a `.dockerignore` says: our state, and the stack's secret files."""
    below = "" if directory in (".", "./") else f"{directory.removeprefix('./').strip('/')}/"
    tls = stack.router.tls
    named = [*(secret.file for secret in stack.secrets.values()), tls.key if tls else None]
    files = [file.removeprefix("./") for file in named if file]
    inside = [file.removeprefix(below) for file in files if file.startswith(below) and file[:1] != "/"]
    return ["**/.fairlead", *dict.fromkeys(file for file in inside if not file.startswith(".."))]


class Ignored:
    """Patterns of a `.dockerignore`, in their order; those of `always` come last and can't be taken back."""

    def __init__(self, text: str, always: Iterable[str] = ()) -> None:
        self._rules = [*_rules(text.splitlines()), *_rules(always)]

    def __call__(self, path: str) -> bool:
        """Whether a path below the context (with `/`) is left out: it, or a folder above it, fits."""
        parts = path.split("/")
        above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
        ignored = False
        for pattern, back in self._rules:
            if ignored == back and any(_expression(pattern).fullmatch(one) for one in above):
                ignored = not back
        return ignored

    def wholly(self, folder: str) -> bool:
        """Whether a folder is left out with all that is in it, so that nobody need look there."""
        return self(folder) and not any(back and _reaches(pattern, folder) for pattern, back in self._rules)


def _rules(lines: Iterable[str]) -> list[tuple[str, bool]]:
    """Patterns, and whether each takes back in."""
    texts = [line.strip() for line in lines]
    found = [(text.lstrip("!").strip().strip("/").removeprefix("./"), text[:1] == "!") for text in texts]
    return [(pattern, back) for (pattern, back), text in zip(found, texts, strict=True) if pattern and text[0] != "#"]


def _reaches(pattern: str, folder: str) -> bool:
    """Whether a pattern may fit something below a folder."""
    return "**" in pattern or all(
        _expression(own).fullmatch(name) for own, name in zip(pattern.split("/"), folder.split("/"), strict=False)
    )


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression: `**/` is any number of folders, none included."""
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]+\]|\\.|.", pattern)
    parts = [words.get(token) or (_set(token) if token[0] == "[" else re.escape(token[-1])) for token in tokens]
    return re.compile("".join(parts), re.DOTALL)


def _set(token: str) -> str:
    return token if len(token) > 1 else re.escape(token)
