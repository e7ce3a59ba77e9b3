"""Builds the documents: each value in a file as people write it, some of them within whole real files."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.guard.quality import tokens_ai, tokens_cloud, tokens_dev
from bench.guard.quality.draws import Draw
from bench.guard.quality.lookalikes import LOOKALIKES
from bench.guard.quality.passwords import KEYS, PASSWORDS
from bench.guard.quality.places import FILES, Place
from bench.guard.quality.spoken import BLOCKS, CHATS, HEADER, SPOKEN
from bench.guard.quality.subjects import Subject

TOKENS = (*tokens_ai.TOKENS, *tokens_cloud.TOKENS, *tokens_dev.TOKENS)
SUBJECTS = (*TOKENS, *KEYS, *PASSWORDS, *LOOKALIKES)
TIMES = {"issuer": 1, "key": 2, "password": 6, "look-alike": 2}
"""Documents of each sort for one of an issuer's: there are few sorts of passwords, and many of each."""
LARGEST = 24_000
"""Bytes of the largest real file that a value is put into."""
LINE = re.compile(r"^(?=(?:def|class|import|from|@|[A-Za-z_]+ =))", re.MULTILINE)
"""Where a statement of its own may be put into Python."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text with one value in it, which is a secret or is none."""

    subject: Subject
    place: str
    path: str
    text: str
    start: int
    end: int
    """Where the value stands, as it is written there."""
    value: str
    name: str

    @property
    def secret(self) -> bool:
        """Whether it has to be found."""
        return self.subject.group != "look-alike"


class Hosts:
    """Whole files of packages that others wrote, by kind."""

    def __init__(self) -> None:
        tree = Path(sysconfig.get_path("purelib"))
        self._found = {
            "py": self._files(sorted(tree.glob("*/*.py"))),
            "md": self._files(sorted((*tree.glob("*.dist-info/METADATA"), *tree.rglob("*.md")))),
        }

    @staticmethod
    def _files(paths: Sequence[Path]) -> list[str]:
        return [
            path.read_text("utf-8", "replace")
            for path in paths
            if "test" not in path.name
            and "fairlead" not in str(path.parent.name)
            and 400 < path.stat().st_size < LARGEST
        ]

    def around(self, draw: Draw, kind: str, text: str) -> tuple[str, int]:
        """One of them with the text put in at the beginning of a line, and where that is."""
        host = draw.one(self._found[kind])
        places = [found.start() for found in LINE.finditer(host)] if kind == "py" else []
        if kind == "md":
            places = [found.end() for found in re.finditer(r"\n\n", host)]
        at = draw.one(places) if places else len(host)
        return f"{host[:at]}{text}\n{host[at:]}", at


def documents(seed: int, each: int, subjects: Sequence[Subject] = SUBJECTS) -> Iterator[Document]:
    """So many documents of each sort, times `TIMES`; the same for the same seed and the same packages installed."""
    hosts = Hosts()
    for subject in subjects:
        draw = Draw(f"{seed} {subject.group} {subject.kind}")
        places = places_of(subject)
        first = draw.randrange(len(places))
        for number in range(each * TIMES[subject.group]):
            # One after another from a place drawn, in steps that lead to every one of them.
            yield _document(draw, hosts, subject, places[(first + number * 7) % len(places)], number)


def places_of(subject: Subject) -> Sequence[Place]:
    """Where people leave such a value."""
    if subject.fits == "block":
        return BLOCKS
    own: tuple[Place, ...] = CHATS if subject.group == "password" and subject.kind != "in a URL" else ()
    if subject.group == "issuer" and "webhook" not in subject.kind:
        own = (HEADER,)
    return [place for place in (*FILES, *SPOKEN, *own) if subject.fits in place.fits]


def _document(draw: Draw, hosts: Hosts, subject: Subject, place: Place, number: int) -> Document:
    name, value = draw.one(subject.names), subject.make(draw)
    shown = place.shown(value)
    text = place.write(draw, name, value if subject.fits == "block" else shown)
    at = text.index(shown)
    if place.host:
        text, before = hosts.around(draw, place.host, text)
        at += before
    path = f"{re.sub(r'[^a-z0-9]+', '-', subject.kind.lower())}-{number}/{place.file}"
    return Document(subject, place.kind, path, text, at, at + len(shown), value, name)
