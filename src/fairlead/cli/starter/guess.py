"""Looks at the files of a folder for a program to run."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MODULES = ("main", "app", "server", "api", "asgi", "wsgi", "src.main", "src.app", "app.main")
_APP = re.compile(r"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(FastAPI|Starlette|Quart|Litestar|Flask)\(", re.MULTILINE)
_SERVED_BY = {
    "Flask": 'exec {python} -m flask --app {app} run --port "$PORT"',
    "ASGI": 'exec {python} -m uvicorn {app} --port "$PORT"',
}


@dataclass(frozen=True, slots=True)
class Guess:
    """A program: what it was taken for, and the command that runs it."""

    what: str
    command: list[str]
    comment: str
    volumes: tuple[str, ...] = ()


def guess(folder: Path) -> Guess:
    """The first that fits; in a folder with no program, one that serves files, so that `up` has something to show."""
    looks: tuple[Callable[[Path], Guess | None], ...] = (python_app, python_program, node, dockerfile)
    return next((found for look in looks if (found := look(folder))), nothing())


def python_app(folder: Path) -> Guess | None:
    """A web application object in a module, served by uvicorn or Flask's own server."""
    for module, file in _modules(folder):
        match = _APP.search(file.read_text(errors="replace"))
        if match:
            kind = "Flask" if match[2] == "Flask" else "ASGI"
            line = _SERVED_BY[kind].format(python=_python(folder), app=f"{module}:{match[1]}")
            return Guess(f"the {match[2]} app in {file.name}", ["sh", "-c", line], "PORT is given to each instance")
    return None


def python_program(folder: Path) -> Guess | None:
    """A program of its own."""
    for _, file in _modules(folder):
        command = [_python(folder), "-u", str(file.relative_to(folder))]
        return Guess(f"the program {file.name}", command, "it should listen on the port in the variable PORT")
    return None


def node(folder: Path) -> Guess | None:
    """The start script of a package, without npm in between where it only calls node: npm swallows signals."""
    try:
        package = json.loads((folder / "package.json").read_text())
    except (OSError, ValueError):
        return None
    start = (package.get("scripts") or {}).get("start", "")
    if re.fullmatch(r"node [\w./ =-]+", start):
        command = shlex.split(start)
    else:
        command = ["npm", "start"] if start else ["node", package.get("main", "index.js")]
    return Guess("the Node package", command, "it should listen on the port in the variable PORT")


def dockerfile(folder: Path) -> Guess | None:
    """The command of a Dockerfile, run as a local process."""
    try:
        text = (folder / "Dockerfile").read_text(errors="replace")
    except OSError:
        return None
    found = {}
    for word, line in re.findall(r"^\s*(ENTRYPOINT|CMD)\s+(.+)$", text, re.MULTILINE | re.IGNORECASE):
        found[word.upper()] = _words(line)
    command = found.get("ENTRYPOINT", []) + found.get("CMD", [])
    comment = "from the Dockerfile, run here without a container; it should listen on PORT"
    return Guess("the command of the Dockerfile", command, comment) if command else None


def nothing() -> Guess:
    """A stand-in."""
    line = 'exec python3 -m http.server "$PORT" --bind 127.0.0.1 --directory "$SITE_DIR"'
    return Guess("a stand-in that serves files", ["sh", "-c", line], "put your own program here", ("site",))


def _modules(folder: Path) -> Iterator[tuple[str, Path]]:
    for module in MODULES:
        file = folder / f"{module.replace('.', '/')}.py"
        if file.is_file():
            yield module, file


def _python(folder: Path) -> str:
    own = ".venv/bin/python"
    return own if (folder / own).exists() else "python3"


def _words(line: str) -> list[str]:
    """A command of a Dockerfile: a JSON list, or a line for the shell."""
    try:
        words = json.loads(line)
    except ValueError:
        return ["sh", "-c", f"exec {line.strip()}"]
    return [str(word) for word in words] if isinstance(words, list) else []
