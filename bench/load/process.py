"""The load as a process that a benchmark or a story starts and stops."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

ROOT = Path(__file__).parents[2]
LONGEST_END_S = 60.0


class Seen(NamedTuple):
    """An answer: when, in seconds since the epoch, on which path, by which version."""

    at: float
    path: str
    version: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a load."""

    facts: Mapping[str, Any]
    answers: Sequence[Seen]

    def count(self, what: str) -> int:
        """One of its counters."""
        return int(self.facts["counts"].get(what, 0))

    @property
    def failed(self) -> int:
        """Plain requests that were not answered well."""
        return self.count("request failed")

    @property
    def cut(self) -> int:
        """Streams and WebSockets that ended early or never began."""
        kinds = ("stream cut", "stream refused", "websocket cut", "websocket refused")
        return sum(self.count(kind) for kind in kinds)

    @property
    def why(self) -> str:
        """What failed, for a message."""
        return json.dumps([self.facts["counts"], *self.facts["failures"][:10]], indent=1)


class Load:
    """A load under way: `with Load(url, plain=["/a"], rate=50) as load: …`, then `load.result`.

    Options are those of `python -m bench.load`; a list is given once for each of its values.
    """

    def __init__(self, url: str, **options: Sequence[str] | float) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fairlead-load-")
        self._trace = Path(self._folder.name) / "trace"
        self._summary = Path(self._folder.name) / "summary"
        self._command = [sys.executable, "-m", "bench.load", url, *_words(options)]
        self._command += [f"--out={self._summary}", f"--trace={self._trace}"]
        self._process: subprocess.Popen[str] | None = None
        self._result: Result | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        assert self._process.stdout.readline() == "begun\n"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()
        if kind is None:
            self._result = Result(json.loads(self._summary.read_text()), tuple(self.seen()))
        self._folder.cleanup()

    def wait(self) -> None:
        """Wait until it has come to its own time limit (`seconds`)."""
        assert self._process
        self._process.wait()

    @property
    def result(self) -> Result:
        """What came of it, once it has ended."""
        assert self._result, "the load has not ended"
        return self._result

    def seen(self) -> Iterator[Seen]:
        """The answers so far."""
        for line in self._trace.read_text().splitlines():
            at, path, version = line.split(" ", 2)
            yield Seen(float(at), path, version)

    def _end(self) -> None:
        assert self._process
        self._process.terminate()
        try:
            self._process.communicate(timeout=LONGEST_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise


def _words(options: Mapping[str, Sequence[str] | float]) -> list[str]:
    return [
        f"--{name.replace('_', '-')}={value}"
        for name, given in options.items()
        for value in (given if isinstance(given, Sequence) else [given])
    ]
