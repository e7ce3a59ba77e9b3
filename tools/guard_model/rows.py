"""Labelled candidates: made-up values in made-up surroundings, drawn from a seed. Each row knows the family it is of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tools.guard_model import lookalikes, names, secrets
from tools.guard_model.styles import STYLES, Style

from fairlead.apps.guard.generic.candidates import PAIR, Candidate, candidate

TESTED_BY_CODE = (lookalikes.call, lookalikes.minified)
BARE, NAMED = 0.10, 0.25
"""Shares of rows that show a value alone, and a value with its name and no line."""
STAND_INS = frozenset(
    [
        "password",
        "passwd",
        "secret",
        "changeme",
        "pass",
        "test",
        "testing",
        "test123",
        "password1",
        "example",
        "string",
        "username",
        "user",
    ]
)
"""Leaked often and, in code, a stand-in more often still."""

ONLY_BY_NAME = frozenset(("random_id", "digest", "ident", "encrypted"))
"""Families that are told from keys by their names alone: without one, nobody could say."""


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate, whether it is a secret, the family of its value and that of its surroundings."""

    candidate: Candidate
    label: bool
    family: str
    style: str


def made(seed: int, each: int) -> list[Row]:
    """About `each` rows of each family; equal seeds, equal rows."""
    return [*_secrets(seed, each), *_lookalikes(seed, each), *_sentences(seed, each), *_logins(seed, each)]


def _secrets(seed: int, each: int) -> Iterator[Row]:
    groups = (
        (secrets.HUMAN, 0.93, 1.0), (secrets.RANDOM, 0.75, 1.4), (secrets.KEYS, 0.15, 0.8), (secrets.URLS, 0.0, 0.8),
    )  # fmt: skip
    for families, passwords, share in groups:
        for make in families:
            lot = Random(secrets.seed_of(make.__name__, seed))
            for _ in range(int(each * share * (2 if make is secrets.passphrase else 1))):
                value = make(lot)
                if value.lower() not in STAND_INS and len(value) >= 4:
                    chance = lot.random()
                    other = "login" if make in secrets.URLS and chance < 0.7 else "key"
                    kind = "password" if chance < passwords else other
                    yield from _row(lot, value, kind, label=True, family=make.__name__)


def _lookalikes(seed: int, each: int) -> Iterator[Row]:
    groups = (
        (lookalikes.FOR_SECRETS, ("password", "key"), 1.0), (lookalikes.FOR_IDS, ("id",), 2.0),
        (lookalikes.FOR_LOGINS, ("login",), 0.4),
        (lookalikes.FOR_SOUNDS, ("sounds",), 0.5), (lookalikes.FOR_PLAIN, ("plain",), 0.5),
    )  # fmt: skip
    for families, kinds, share in groups:
        for make in families:
            lot = Random(secrets.seed_of(f"{make.__name__} {kinds}", seed))
            for _ in range(int(each * share)):
                yield from _lookalike(lot, make, lot.choice(kinds))


def _lookalike(lot: Random, make: lookalikes.Make, kind: str) -> Iterator[Row]:
    style = _style(lot, make in TESTED_BY_CODE)
    name = names.drawn(lot, kind, lot.choice(style.cases))
    yield from _row(lot, make(lot, name), kind, label=False, family=make.__name__, style=style, name=name)


def _sentences(seed: int, each: int) -> Iterator[Row]:
    """What a sentence says of a password without giving it."""
    lot = Random(secrets.seed_of("sentences", seed))
    noun = ("password", "token", "api key", "secret", "passphrase", "access token", "key", "passwort", "contraseña")
    verb = ("is", "was", "will be", "are", "is:", "ist", "es", "must be", "has", "to", "for", "-")
    lead = (
        "the",
        "your",
        "The",
        "if the",
        "this",
        "a",
        "that the user",
        "ensure the",
        "# the",
        "// The",
        '"error": "the',
        "",
    )
    for _ in range(each * 2):
        name = lot.choice(noun)
        line = f"{lot.choice(lead)} {name} {lot.choice(verb)} "
        yield _kept(lot, line, lookalikes.said_word(lot, name), None, label=False, family="said_word", style="prose")


def _logins(seed: int, each: int) -> Iterator[Row]:
    """The password within a URL, in all kinds of lines, and what stands in for one there."""
    lot = Random(secrets.seed_of("logins", seed))
    makes = (secrets.generated_plain, secrets.word_digits, secrets.hexes, secrets.two_words, secrets.leet, secrets.walk)
    stand_ins = (
        "password",
        "pass",
        "pwd",
        "${PASSWORD}",
        "{password}",
        "<password>",
        "$PASS",
        "%s",
        "xxx",
        "****",
        "secret",
        "{{.Pass}}",
        "PASSWORD",
        "your-password",
        "changeme",
        "foo",
        "bar",
        "pw",
        "token",
        "p@ss",
    )
    lines = (
        "DATABASE_URL=",
        'url = "',
        "  uri: ",
        "curl ",
        'connect("',
        "git clone ",
        "spring.data.mongodb.uri=",
        "broker: ",
    )
    users = ("admin", "app", "svc", "root", "user", "joe", "", "postgres", "user:name"[:4])
    for _ in range(each * 2):
        label = lot.random() < 0.5
        value = lot.choice(makes)(lot) if label else lot.choice(stand_ins)
        scheme = lot.choice(
            ("postgres", "postgresql", "mysql", "redis", "amqp", "https", "http", "mongodb+srv", "ftp", "smtp")
        )
        line = f"{lot.choice(lines)}{scheme}://{lot.choice(users)}:"
        if " " not in value and "/" not in value:
            yield _kept(lot, line, value, None, label=label, family="login" if label else "login stand-in", style="url")


def _style(lot: Random, code: bool) -> Style:
    while True:
        style = STYLES[lot.randrange(len(STYLES))]
        if style.code or not code:
            return style


def _row(
    lot: Random, value: str, kind: str, *, label: bool, family: str, style: Style | None = None, name: str = ""
) -> Iterator[Row]:
    style = style or _style(lot, False)
    name = name or names.drawn(lot, kind, lot.choice(style.cases))
    if not style.quoted and any(map(str.isspace, value)) and style.family not in {"yaml", "ini", "prose", "xml"}:
        return
    if style.quoted and style.text[style.text.index("{v}") - 1] in value:
        return
    if style.family == "prose" and not style.quoted and lot.random() < 0.2:
        value += lot.choice(".,;")  # as the end of a sentence
    before = style.text[: style.text.index("{v}")].format(n=name)
    yield _kept(lot, before, value, name, label=label, family=family, style=style.family)


def _kept(lot: Random, before: str, value: str, name: str | None, *, label: bool, family: str, style: str) -> Row:
    """The row as a scan sees it, or without its line, or without its name too, as a question may leave it."""
    chance = lot.random()
    if chance < BARE and family not in ONLY_BY_NAME:
        shown = Candidate(value, "", "", "")
    elif chance < BARE + NAMED and name:
        shown = Candidate(value, name, f"{name} = ", "")
    else:
        shown = seen(before, value)
        if name and lot.random() < 0.3:  # asked about with its name and its line
            shown = Candidate(value, name, shown.before, shown.quote)
    return Row(shown, label, family, style)


def seen(before: str, value: str) -> Candidate:
    """What a scan would see."""
    data = before.encode() + value.encode("utf-8", "surrogatepass")
    start = len(before.encode())
    return candidate(data, start, len(data), value, max(0, start - PAIR))


def counted(rows: Sequence[Row]) -> dict[str, int]:
    """How many secrets and others."""
    secret = sum(row.label for row in rows)
    return {"secrets": secret, "others": len(rows) - secret}
