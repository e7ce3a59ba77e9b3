"""The library behind one door: what judges a value, a text or a stream, by the version that it is this value's turn to.

A value that is asked about by itself is held against the issuers' forms in the surroundings that were named, and else
judged by the scorer as what it is: a candidate. Used from one thread; long texts go to a second library in a thread of
its own, so that they hold nobody up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from fairlead.apps.guard.digests import Digests
from fairlead.apps.guard.engine import cache as kept
from fairlead.apps.guard.engine.probe import Hit, resolved
from fairlead.apps.guard.findings import Finding, Placeholders, Severity
from fairlead.apps.guard.generic.candidates import PAIR, Candidate, candidate
from fairlead.apps.guard.generic.scorer import Scorer
from fairlead.apps.guard.generic.words import names_password
from fairlead.apps.guard.library import Library, TextStream, pack_of
from fairlead.apps.guard.service.judging.scorers import Switch
from fairlead.apps.guard.service.words import Risk

LONG = 32_768
"""Characters from which a text is looked through in the other thread: under a millisecond of work stays here."""
NEAR = 200
"""Characters of a context that are taken for the beginning of the line, when the value is not in it."""
SURE = 0.7
"""A finding that is less sure than this is a level less bad."""
LEVELS: tuple[Risk, ...] = ("none", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a value is."""

    rule: str
    risk: Risk
    confidence: float
    reasons: tuple[str, ...]

    @property
    def flagged(self) -> bool:
        return self.rule != "none"


UNNAMED = Verdict("none", "none", 0.05, ("no issuer's form", "nothing around it names a secret"))
NAMES = (
    *("pass", "pwd", "pw", "secret", "token", "key", "auth", "cred", "salt", "signature", "bearer", "login", "pin"),
    *("kennwort", "senha", "contrase", "clave", "mot de passe", "wachtwoord", "hasło", "parol", "şifre", "парол"),
    *("密码", "密碼", "口令", "パスワード", "비밀번호", "암호"),
)
"""Parts of the words for secrets."""


class Engine:
    """A library with a scorer that can be switched."""

    def __init__(self, rules: Sequence[Path], key: bytes, cache: Path | None = None) -> None:
        self.pack = pack_of(cache or kept.default_folder(), rules)
        self.shipped = self.pack.probes[0].scorer
        self.switch = Switch(self.shipped)
        for probe in self.pack.probes:
            probe.scorer = self.switch
        self.digests = Digests(key)
        self.library = Library(self.pack, self.digests)

    def warm(self) -> Engine:
        """Make the patterns that all texts and streams need, which takes longer than a request should."""
        self.library.scan("a = 1")
        stream = self.library.stream()
        stream.feed("a = 1")
        stream.close()
        return self

    def analyzed(self, value: str, context: str, variable: str, scorer: Scorer) -> Verdict:
        """What a value is, by an issuer's form or else by the scorer."""
        text, at = _surroundings(value, context, variable)
        data = text.encode("utf-8", "surrogatepass")
        start = len(text[:at].encode("utf-8", "surrogatepass"))
        end = start + len(value.encode("utf-8", "surrogatepass"))
        hits = [hit for hit in self._formed(data) if hit.start < end and start < hit.end]
        if hits:
            hit = max(hits, key=lambda one: (one.confidence, one.end - one.start))
            return Verdict(hit.rule, risk(hit.severity, hit.confidence), hit.confidence, hit.reasons)
        if scorer is self.shipped and not names_a_secret(value, context, variable):  # a team's may know other names
            return UNNAMED
        return judged(candidate_of(value, context, variable), scorer)

    def scan(self, text: str, scorer: Scorer) -> Sequence[Finding]:
        """What stands in a text."""
        self.switch.turn(scorer)
        return self.library.scan(text)

    def redact(self, text: str, placeholders: Placeholders, scorer: Scorer) -> tuple[str, Sequence[Finding]]:
        """A text without its secrets."""
        self.switch.turn(scorer)
        return self.library.redact(text, placeholders)

    def stream(self, placeholders: Placeholders, scorer: Scorer) -> Stream:
        """A text that comes in pieces."""
        return Stream(self.library.stream(placeholders), self.switch, scorer)

    def _formed(self, data: bytes) -> list[Hit]:
        """What has an issuer's form."""
        found: list[Hit] = []
        for rule, start, limit in self.pack.automaton.places(data):
            probe = self.pack.probes[rule]
            if probe.entry.generic:
                continue
            while start < limit and (spans := probe.next(data, start, limit)):
                start = max(spans[0][1], spans[0][0] + 1)
                if hit := probe.judged(data, spans):
                    found.append(hit)
        return resolved(found)


class Stream:
    """One text, judged by the version that it began with."""

    def __init__(self, stream: TextStream, switch: Switch, scorer: Scorer) -> None:
        self._stream = stream
        self._switch = switch
        self._scorer = scorer

    def feed(self, text: str) -> tuple[str, Sequence[Finding]]:
        """What may be let out by now, redacted, and what was newly found."""
        self._switch.turn(self._scorer)
        return self._stream.feed(text)

    def close(self) -> tuple[str, Sequence[Finding]]:
        """The rest."""
        self._switch.turn(self._scorer)
        return self._stream.close()


class Aside:
    """A second library for long texts, made when the first of them comes."""

    def __init__(self, rules: Sequence[Path], key: bytes, cache: Path | None = None) -> None:
        self._made_from = (rules, key, cache)
        self._thread = ThreadPoolExecutor(1, "guard-long-texts")

    @cached_property
    def _engine(self) -> Engine:
        return Engine(*self._made_from)

    async def redact(self, text: str, placeholders: Placeholders, scorer: Scorer) -> tuple[str, Sequence[Finding]]:
        """As `Engine.redact`."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: self._engine.redact(text, placeholders, scorer)
        )

    async def scan(self, text: str, scorer: Scorer) -> Sequence[Finding]:
        """As `Engine.scan`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: self._engine.scan(text, scorer))

    def end(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(cancel_futures=True)


def judged(candidate: Candidate, scorer: Scorer) -> Verdict:
    """By the scorer alone."""
    p = scorer.score(candidate)
    if p < scorer.threshold:
        return Verdict("none", "none", p, ("no issuer's form", *scorer.reasons(candidate)))
    return Verdict(rule_of(candidate), risk("high", p), p, scorer.reasons(candidate))


def rule_of(candidate: Candidate) -> str:
    """Which rule of the scanner would have had a value: by the URL that it stands in, or by its name."""
    if "://" in candidate.value or "://" in candidate.before:
        return "generic.password-in-url"
    return "generic.password" if names_password(candidate.variable) else "generic.key"


def names_a_secret(value: str, context: str, variable: str) -> bool:
    """Whether what stands around a value may mean a secret: its name does, or a word before it; or nothing is told.

    A value that looks random is a secret under a secret's name, and a commit or an image's digest under theirs.
    """
    if not variable and not context.strip():
        return True
    name = variable.lower()
    if "publi" in name and "secret" not in name:  # a public or a publishable key
        return False
    if "://" in value or names_password(variable) or any(word in name for word in NAMES):
        return True
    at = context.find(value)
    near = context[max(0, at - NEAR) : at] if at >= 0 else context[-NEAR:]
    words = near.rpartition("\n")[2] if variable else near
    return "://" in words or any(word in words.lower() for word in NAMES)


def candidate_of(value: str, context: str, variable: str) -> Candidate:
    """What the scorer sees of a value."""
    at = context.find(value) if context else -1
    if at < 0:
        return Candidate(value, variable, f"{variable} = " if variable else "", "")
    data = context[max(0, at - PAIR) : at].encode("utf-8", "surrogatepass")
    found = candidate(data, len(data), len(data), value, 0)
    return replace(found, variable=variable or found.variable)


def risk(severity: Severity, confidence: float) -> Risk:
    """How bad it is: the severity, a level lower where it is not sure."""
    level = LEVELS.index(severity)
    return LEVELS[max(1, level - (confidence < SURE))]


def _surroundings(value: str, context: str, variable: str) -> tuple[str, int]:
    """A text with the value in it, and where."""
    at = context.find(value) if context else -1
    if at >= 0:
        return context, at
    near = " ".join(context[-NEAR:].split())
    before = f'{near} {variable} = "' if variable else f'{near} "' if near else ""
    return f'{before}{value}"' if before else value, len(before)
