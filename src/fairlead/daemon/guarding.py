"""Lets the guard look at what a stack is made of: its file, and the files that become an image.

Only forms that issuers give their tokens count here, not what merely looks like a password: whoever releases can't wait
for somebody to judge. What the project allows (`.fairlead-guard.toml`, `fairlead: allow secret -- …`) is allowed here.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.engine.images.context import Context
from fairlead.errors import Problem, ReleaseError
from fairlead.stack.secretive import MEND

if TYPE_CHECKING:
    from fairlead.apps.guard.library import Library
    from fairlead.apps.guard.scanning.scan import Telling

SURE = 0.9
"""From which confidence on a release is refused."""
TOLD = 5
"""Secrets of one context that are named; there are seldom more."""
KEPT = 64
"""Texts whose findings are remembered."""

_known: dict[bytes, tuple[tuple[int, str], ...]] = {}
"""What was found in a text, by its hash: a daemon reads the same file again and again."""
_turn = threading.Lock()


def in_text(text: str) -> Iterable[tuple[int, str]]:
    """Where secrets stand in a text, and what each is."""
    key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    if key not in _known:
        if len(_known) >= KEPT:
            _known.clear()
        found = _library(text).scan(text)
        _known[key] = tuple((each.start, each.kind) for each in found if _counts(each.rule, each.confidence))
    return _known[key]


def in_context(context: Context) -> None:
    """Looks at the files that a builder is sent; from any thread. Raises `ReleaseError` when there are secrets."""
    if context.spec.uses is None and (problems := list(problems_of(context))):
        raise ReleaseError(
            f"{context.service}: its image would carry {problems[0].message} ({problems[0].file}:{problems[0].line})"
            + (f", and {len(problems) - 1} more" if len(problems) > 1 else ""),
            hint=problems[0].hint,
        )


def problems_of(context: Context) -> Iterator[Problem]:
    """A problem for each secret in the files that a builder is sent."""
    with _turn:
        tellings = _looked_through(context)
    for telling in tellings[:TOLD]:
        found = telling.found
        hint = f"take it out and {MEND}, or leave the file out with a `.dockerignore`"
        file = str(Path(found.place.path))
        yield Problem(file, found.line, f"services.{context.service}", f"{_named(found.kind)} in its image", hint)


def _looked_through(context: Context) -> list[Telling]:
    from fairlead.apps.guard.scanning import allowances  # large, and for few operations
    from fairlead.apps.guard.scanning.fingerprints import Fingerprints
    from fairlead.apps.guard.scanning.jobs import File
    from fairlead.apps.guard.scanning.scan import Sieve
    from fairlead.apps.guard.scanning.worker import Setting, Worker

    allowed = allowances.found(str(context.root))
    sieve = Sieve(allowed, frozenset(), Fingerprints(allowed.key), datetime.now(UTC).date())
    worker = Worker(Setting(), library=_whole())
    sieve.take(worker.look([File(str(path)) for _, path in context.files()]))
    return [one for one in sieve.report.findings if _counts(one.found.rule, one.found.confidence)]


def _counts(rule: str, confidence: float) -> bool:
    return confidence >= SURE and not rule.startswith("generic.")


def _named(kind: str) -> str:
    return f"what looks like a secret ({kind})"


def _whole() -> Library:
    """All rules; not kept: a daemon rarely needs it, and it takes tens of megabytes."""
    from fairlead.apps.guard.engine.cache import default_folder
    from fairlead.apps.guard.library import Library, pack_of

    return Library(pack_of(default_folder()))


def _library(text: str) -> Library:
    """What finds all that is in one small text.

    All rules where they were built before; else only those whose keywords it has, which takes a tenth of the time.
    """
    from fairlead.apps.guard.engine.cache import default_folder
    from fairlead.apps.guard.engine.pack import Pack, key_of, packed
    from fairlead.apps.guard.generic.learned import shipped
    from fairlead.apps.guard.library import Library
    from fairlead.apps.guard.rules.loading import ours, rules_of

    own = ours()
    if (default_folder() / f"{key_of(own, {})}.pack").exists():
        return _whole()
    low = text.lower()
    needed = [rule for rule in rules_of(own) if not rule.keywords or any(word in low for word in rule.keywords)]
    return Library(Pack(packed(needed), shipped()))
