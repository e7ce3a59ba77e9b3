"""How the service is set: what its process is started with, and what a configuration (`with:` of a stack) may say."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from fairlead.apps.guard.engine.cache import default_folder
from fairlead.errors import FairleadError, Problem, StackError
from fairlead.kit import suggest, yaml
from fairlead.kit.quantity import parse_duration, parse_rate, parse_size

VARIABLE = "FAIRLEAD_CONFIG"
KEY = "GUARD_API_KEY"
"""Holds a key that may do everything."""
DIGESTS = "GUARD_DIGEST_KEY"
"""Holds the key of the digests, where it is not to be kept beside them."""


class Misconfigured(FairleadError):
    """The configuration is wrong; carries every problem of it."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem | str]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def _parsed(parse: Any) -> BeforeValidator:
    return BeforeValidator(lambda said: parse(said) if isinstance(said, str) else said)


def _some_time(rate: tuple[int, float]) -> tuple[int, float]:
    if rate[0] < 1 or rate[1] <= 0:
        raise ValueError("should be at least one in some time")
    return rate


Duration = Annotated[float, _parsed(parse_duration), Field(gt=0)]
Size = Annotated[int, _parsed(parse_size), Field(gt=0)]
Rate = Annotated[tuple[int, float], _parsed(parse_rate), AfterValidator(_some_time)]


class Config(BaseModel):
    """What the service does. Every field may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    rules: tuple[Path, ...] = ()
    """Rule files of gitleaks or betterleaks (TOML), beside our own rules."""
    rate: Rate = (60_000, 60.0)
    """What a key may ask in which time, where the key says nothing of its own."""
    body_limit: Size = 16 * 1024 * 1024
    """Bytes of a body, at most; a stream has no limit."""
    timeout: Duration = 30.0
    """In which a body has to arrive, and each piece of a stream."""
    cache_size: int = Field(default=50_000, ge=0)
    """Answers of `/analyze` that are kept in memory; 0 for none."""
    cache_ttl: Duration = 3600.0
    """How long an answer is kept."""
    keep: Duration = 90 * 86400.0
    """How long the digest of a value is kept that is not seen again."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the process runs."""

    folder: Path
    config: Config = field(default_factory=Config)
    host: str = "127.0.0.1"
    port: int = 8000
    store: str | None = None
    """`sqlite:…` or `postgresql://…`; a SQLite file in the folder without."""
    redis: str | None = None
    """`redis://…` of a cache that several share."""
    api_key: str | None = field(default=None, repr=False)
    digest_key: str | None = field(default=None, repr=False)
    pattern_cache: Path | None = None
    """Where what was built of the rules is kept; see `patterns`."""
    farewell_s: float = 1.0
    """How long requests are taken while readiness fails already."""
    grace_s: float = 20.0
    """How long answers under way may take then."""

    @property
    def patterns(self) -> Path:
        """The user's cache, or, where that can't be written, a place beside the records.

        The root of a container is read-only, and what is kept in its volume is there for the next version.
        """
        if self.pattern_cache is not None:
            return self.pattern_cache
        usual = default_folder()
        there = next(path for path in (usual, *usual.parents) if path.exists())
        return usual if os.access(there, os.W_OK) else self.folder / "patterns"

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:{self.folder / 'guard.db'}"


def read(file: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration of a YAML or JSON file, of the one that `FAIRLEAD_CONFIG` names, or that it is the text of.

    Raises `Misconfigured`, `StackError`.
    """
    said = environ.get(VARIABLE, "").strip()
    if file is None and said.startswith("{"):
        try:
            return checked(json.loads(said))
        except json.JSONDecodeError as error:
            raise Misconfigured([f"{VARIABLE}: this is not valid JSON: {error.msg}"]) from None
    place = file or (Path(said) if said else None)
    if place is None:
        return Config()
    document = yaml.read(place)
    if document.problems:
        raise StackError(document.problems)
    return checked(document.data or {}, document)


def checked(data: Any, document: yaml.Document | None = None) -> Config:
    """Data as a configuration, with the line of each problem where there is a document. Raises `Misconfigured`."""
    wrong = []
    for path, words, _ in complaints(data):
        message = f"{yaml.dotted(path) or VARIABLE}: {words}"
        wrong.append(f"{document.file}:{document.line(path)}: {message}" if document else message)
    if wrong:
        raise Misconfigured(wrong)
    return Config.model_validate(data)


def complaints(data: Any) -> Iterator[tuple[yaml.KeyPath, str, str | None]]:
    """Each key that is wrong, why, and what may have been meant."""
    try:
        Config.model_validate(data)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            path, words = one["loc"], one["msg"].removeprefix("Value error, ")
            if one["type"] == "extra_forbidden":
                yield path, "unknown key", suggest.hint(str(path[-1]), Config.model_fields)
            else:
                yield path, words[:1].lower() + words[1:], None
