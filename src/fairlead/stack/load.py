"""From a file to a `Stack`: YAML, then an environment laid over it, then variables, then the model, then the rules.

Every problem found on the way is reported at once, each with file, line, key and a way to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from fairlead.errors import Problem, StackError
from fairlead.kit import yaml
from fairlead.kit.yaml import Document, KeyPath, dotted
from fairlead.stack import files
from fairlead.stack.check import Finding, findings
from fairlead.stack.interpolate import interpolated
from fairlead.stack.model import Stack
from fairlead.stack.overlay import overlaid
from fairlead.stack.validate import Validated, validated

_LOOKED_AT_BY_OTHERS = {"ports", "probes", "resources", "kind", "backup"}
"""Keys of a service or a store that rules about its other keys look at."""

_WHOLE_PARTS = {"services", "stores", "secrets"}


class Reading(NamedTuple):
    """What came of reading a stack file; `stack` is there only when nothing is wrong."""

    stack: Stack | None
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def load(path: Path, *, environment: str | None = None, environ: Mapping[str, str]) -> Stack:
    """The stack in a file, as an environment sees it; raises `StackError` with every problem at once."""
    reading = read(path, environment=environment, environ=environ)
    if reading.stack is None:
        raise StackError(reading.problems)
    return reading.stack


def load_every(path: Path, environment: str | None, environ: Mapping[str, str]) -> tuple[Stack, dict[str, Stack]]:
    """The stack as one environment sees it, and as each environment of the file does; the file is read once.

    Raises `StackError` with every problem of the first of them that has some.
    """
    document = yaml.read(path)
    seen: dict[str | None, Stack] = {}
    for name in (environment, *_declared(document)):
        if name not in seen:
            reading = understood(document, path.parent, environment=name, environ=environ)
            if reading.stack is None:
                raise StackError(reading.problems)
            seen[name] = reading.stack
    return seen[environment], {name: seen[name] for name in _declared(document)}


def read(path: Path, *, environment: str | None = None, environ: Mapping[str, str]) -> Reading:
    """The stack in a file with what is wrong and what is worth knowing; raises nothing."""
    try:
        document = yaml.read(path)
    except StackError as error:
        return Reading(None, error.problems, ())
    return understood(document, path.parent, environment=environment, environ=environ)


def understood(
    document: Document, folder: Path, *, environment: str | None = None, environ: Mapping[str, str]
) -> Reading:
    """The stack in a document that stands in a folder."""
    if not isinstance(document.data, dict):
        return Reading(None, document.problems or (_no_mapping(document),), ())
    if environment is not None:
        document = overlaid(document, environment)
    filled = interpolated(document, environ)
    result = validated(document, filled)
    overlay = ("environments", environment)
    found = [finding for finding in _told(result, folder) if finding.path[:2] != overlay]
    problems = [*document.problems, *filled.problems, *result.problems, *_problems(document, found, "error")]
    notes = _in_order(_problems(document, found, "note"))
    return Reading(None if problems else result.stack, _in_order(problems), notes)


def check_all(path: Path, environ: Mapping[str, str]) -> Reading:
    """The stack without an environment, and the problems and notes of it and of every environment in the file."""
    plain = read(path, environ=environ)
    problems, notes = list(plain.problems), list(plain.notes)
    for environment in environments(path):
        other = read(path, environment=environment, environ=environ)
        problems += _named(other.problems, problems, environment)
        notes += _named(other.notes, notes, environment)
    return Reading(None if problems else plain.stack, _in_order(problems), _in_order(notes))


def environments(path: Path) -> tuple[str, ...]:
    """The names of the environments that a file declares; none when it can't be read."""
    try:
        return _declared(yaml.read(path))
    except StackError:
        return ()


def _declared(document: Document) -> tuple[str, ...]:
    data = document.data
    declared = data.get("environments") if isinstance(data, dict) else None
    return tuple(declared) if isinstance(declared, dict) else ()


def _no_mapping(document: Document) -> Problem:
    what = "nothing" if document.data is None else "a list" if isinstance(document.data, list) else "text"
    hint = "begin with `name:` and `services:`; `fairlead init` writes a small one"
    return Problem(document.file, document.line(()) or 1, "", f"should be a mapping of keys, got {what}", hint)


def _told(result: Validated, folder: Path) -> Iterator[Finding]:
    """Findings about keys that are whole: what follows from a wrong key is not a second problem."""
    if result.stack is None or any(len(path) < 3 and path[0] in _WHOLE_PARTS for path in result.wrong):
        return
    hurt = {part for path in result.wrong for part in _hurt(path)}
    owners = {path[:2] for path in hurt}
    for finding in (*findings(result.stack), *files.findings(result.stack, folder)):
        path = finding.path
        if not {path[:1], path[:2], path[:3]} & hurt and not (len(path) < 3 and path in owners):
            yield finding


def _hurt(path: KeyPath) -> Iterator[KeyPath]:
    """The parts of which nothing is said when a key is wrong, since it could follow from that."""
    if path[:2] == ("watching", "channels"):
        yield from (("watching",), ("pipeline",))
    elif path[0] == "router":
        yield path[:1]
    else:
        yield path[:2] if set(path[2:3]) & _LOOKED_AT_BY_OTHERS else path[:3]


def _problems(document: Document, found: Iterable[Finding], severity: str) -> Iterator[Problem]:
    for finding in found:
        if finding.severity == severity:
            line = document.line(finding.path)
            yield Problem(document.file, line, dotted(finding.path), finding.message, finding.hint)


def _named(problems: Iterable[Problem], known: Iterable[Problem], environment: str) -> Iterator[Problem]:
    """Problems that only this environment has, saying so."""
    told = {(problem.path, problem.message.partition(" (in environment ")[0]) for problem in known}
    told |= {(path.removeprefix(f"environments.{environment}."), message) for path, message in told}
    for problem in problems:
        if (problem.path, problem.message) not in told:
            yield replace(problem, message=f"{problem.message} (in environment `{environment}`)")


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order of the file."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.path, problem.message)))
