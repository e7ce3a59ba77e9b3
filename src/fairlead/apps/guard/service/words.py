"""The bodies of questions and answers, as msgspec reads and writes them. No error of theirs shows what was sent."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Risk = Literal["none", "low", "medium", "high", "critical"]

Short = Annotated[str, msgspec.Meta(max_length=512)]
Value = Annotated[str, msgspec.Meta(min_length=1, max_length=65_536)]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
Status = Literal["training", "ready", "failed"]
Source = Literal["built-in", "trained", "created"]
State = Literal["none", "running", "over", "disabled"]

Share = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]
Probability = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class Question(msgspec.Struct):
    """What is asked of `/analyze`."""

    secret_value: Value
    context: Annotated[
        str, msgspec.Meta(max_length=262_144, description="The text it stands in, or words about it.")
    ] = ""
    variable_name: Annotated[str, msgspec.Meta(max_length=512, description="What it is assigned to.")] = ""


class Analysis(msgspec.Struct):
    """The answer of `/analyze`."""

    secret_type: str
    """The rule that knows it, such as `github.personal-access-token`; `none`."""
    risk_level: Risk
    confidence: float
    """How likely it is a secret (0 to 1)."""
    reasons: list[str]
    redacted: str
    """What may be shown in its place."""
    model_version: str
    digest: str
    """Its keyed hash, for feedback."""


class Found(msgspec.Struct):
    """A finding: where, what, how bad, how sure, and why. `start` and `end` count characters."""

    rule: str
    kind: str
    severity: str
    confidence: float
    start: int
    end: int
    digest: str
    reasons: list[str]


class Text(msgspec.Struct):
    """A text to be looked through."""

    text: str
    name: Short = ""


class Texts(msgspec.Struct):
    """One text, or several documents."""

    text: str | None = None
    documents: Annotated[list[Text], msgspec.Meta(max_length=10_000)] | None = None


class Looked(msgspec.Struct, omit_defaults=True):
    """What was found in a document."""

    findings: list[Found]
    name: str = ""


class Scanned(msgspec.Struct, omit_defaults=True):
    """The answer of `/scan`: `findings` of one text, or `documents`."""

    model_version: str
    findings: list[Found] | None = None
    documents: list[Looked] | None = None


class Redact(msgspec.Struct):
    """What is asked of `/redact`. `map: true` asks for what the placeholders stand for."""

    text: str | None = None
    documents: Annotated[list[Text], msgspec.Meta(max_length=10_000)] | None = None
    map: bool | dict[str, str] = False
    """A map from before goes on with its placeholders."""


class RedactedText(msgspec.Struct, omit_defaults=True):
    """A document without its secrets."""

    text: str
    findings: list[Found]
    name: str = ""


class Redacted(msgspec.Struct, omit_defaults=True):
    """The answer of `/redact`."""

    model_version: str
    text: str | None = None
    findings: list[Found] | None = None
    documents: list[RedactedText] | None = None
    map: dict[str, str] | None = None
    """Placeholder -> value. Whoever has it can put the secrets back; it is kept nowhere."""


class Restore(msgspec.Struct):
    """What is asked of `/restore`."""

    text: str
    map: dict[str, str]


class Restored(msgspec.Struct):
    """The text with its secrets."""

    text: str


class Step(msgspec.Struct, omit_defaults=True):
    """More of a text over `/stream`. `redact` asks for the redacted text too, `end` says that there is no more."""

    part: int = 0
    text: str = ""
    end: bool = False
    redact: bool = False


class Went(msgspec.Struct, omit_defaults=True):
    """After a step: how much of the part, from its beginning, may be let out, and what was newly found."""

    part: int
    clear: int
    findings: list[Found]
    text: str | None = None


class Row(msgspec.Struct):
    """A labelled value."""

    secret_value: Value
    label: bool
    """Whether it is a secret."""
    context: Annotated[str, msgspec.Meta(max_length=262_144)] = ""
    variable_name: Short = ""


class Lesson(msgspec.Struct):
    """What is asked of `/train`."""

    rows: Annotated[list[Row], msgspec.Meta(min_length=1, max_length=200_000)]
    note: Short = ""


class Version(msgspec.Struct):
    """A version of the judgement."""

    id: str
    status: Status
    source: Source
    active: bool
    created: float
    """Seconds since 1970."""
    parent: str = ""
    note: str = ""
    threshold: float = 0.5
    metrics: dict[str, float] = {}
    why: str = ""
    """Of one that failed."""


class Versions(msgspec.Struct):
    """All of them, the newest first."""

    active: str
    previous: str
    versions: list[Version]


class Create(msgspec.Struct):
    """A version by hand: another one's, with another threshold or other corrections."""

    parent: Annotated[str, msgspec.Meta(max_length=64)] = ""
    threshold: Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)] | None = None
    corrections: dict[str, float] | None = None
    note: Short = ""


class Began(msgspec.Struct):
    """What was begun, or made."""

    version: str
    status: str


class Enable(msgspec.Struct):
    """A trial: this version judges this share of values for this time."""

    version: Annotated[str, msgspec.Meta(max_length=64)]
    share: Share = 0.1
    duration: str = "7d"


class Arm(msgspec.Struct):
    """One side of a trial, in distinct values."""

    version: str
    values: int
    flagged: int
    labelled: int
    wrong: int


class Trial(msgspec.Struct, omit_defaults=True):
    """A trial and what its figures say. `evidence` are e-values: 20 says more than chance would in 1 case of 20."""

    status: State
    id: str = ""
    share: float = 0.0
    started: float = 0.0
    ends: float = 0.0
    control: Arm | None = None
    candidate: Arm | None = None
    outcome: Literal["undecided", "better", "worse", "no difference seen", ""] = ""
    evidence: dict[str, float] = {}
    reasons: list[str] = []


class Feedback(msgspec.Struct):
    """What somebody knows of a value, by its digest."""

    digest: Digest
    is_secret: bool


class Done(msgspec.Struct):
    """That it was done."""

    status: str


class Stats(msgspec.Struct):
    """Figures: of this process since it began, and of what is kept."""

    uptime_s: float
    analyses: int
    texts: int
    cache: dict[str, int]
    values: int
    """Distinct values that are kept, as digests."""
    secrets: dict[str, dict[str, int]]
    """Risk level -> type -> distinct values."""
    feedback: dict[str, int]
    model_version: str
    waiting: int
    """Sightings that are not written down yet."""
    lost: int
    """Sightings that could not be."""
