"""What most providers share: a key in a header, and paths that are those of the shape.

`Hosted` is any of them; `Compatible` one that speaks OpenAI's protocols, with what it lacks said as data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from fairlead.apps.hub.calls import Operation, Unsayable
from fairlead.apps.hub.providers import Keeper, Login
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.fields import encoded

NOTHING = frozenset({b"null", b"false", b"[]", b"{}", b"0", b"0.0"})
"""Values that ask for nothing: a field that a provider lacks may have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """A provider with a key in one header."""

    name: str
    url: str
    variable: str | None
    shape: str
    speaks: Mapping[Operation, tuple[str, ...]]
    """The shapes of each operation; the first is taken when the client's is none of them."""
    key_header: str = "authorization"
    key_form: str = "Bearer {}"
    passes: frozenset[bytes] = frozenset()
    needs: Mapping[bytes, bytes] = field(default_factory=dict)
    paths: Mapping[Operation, str] = field(default_factory=dict)
    """Where they are other than the shape says."""

    def shape_of(self, operation: Operation, asked: str = "") -> str | None:
        """The client's shape if it is spoken, else the first."""
        shapes = self.speaks.get(operation, ())
        return asked if asked in shapes else next(iter(shapes), None)

    def path(self, operation: Operation, sent: Sent, model: str, login: Login) -> str:
        """As the shape says."""
        return self.paths.get(operation, sent.path)

    def headers(self, login: Login) -> Mapping[str, str]:
        """The key, where there is one."""
        return {self.key_header: self.key_form.format(login.value)} if login.value else {}

    def fit(self, shape: str, body: bytes, lenient: bool = False) -> bytes:
        """As it is."""
        return body

    def sign(self, login: Login, method: str, url: str, sent: Sent, now: float) -> Mapping[str, str] | None:
        """Nothing but the key."""
        return None

    def keeper(self, login: Login) -> Keeper | None:
        """The key lasts."""
        return None

    async def start(self) -> str | None:
        """It is elsewhere."""
        return None

    async def stop(self) -> None:
        """It is elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a vendor's chat completions differ from OpenAI's, field by field of the body."""

    lacks: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    """What it can't do, and the values (as JSON) that ask for nothing beside `NOTHING`; else refused before asking."""
    renames: Mapping[str, str] = field(default_factory=dict)
    """What it calls otherwise."""
    drops: frozenset[str] = frozenset()
    """What it refuses to hear and does unasked, or what bears on no answer."""

    developer: bool = False
    """Whether it knows messages of the role `developer`; else they are told as `system`."""

    def marks(self) -> re.Pattern[bytes] | None:
        """Finds out quickly whether a body may have any of them; an escaped letter in it counts as a find."""
        names = {*self.lacks, *self.renames, *self.drops} | (set() if self.developer else {"developer"})
        return re.compile(rb'"(?:%b)"|\\u00' % "|".join(sorted(names)).encode()) if names else None

    def fit(self, name: str, body: bytes, lenient: bool = False) -> bytes:
        """The body as the provider `name` takes it. Raises `Unsayable` for what it lacks, unless that is left out."""
        said = {key: bytes(value) for key, value in _FIELDS.decode(body).items()}
        for key, allowed in self.lacks.items():
            if not lenient and key in said and said[key] not in NOTHING | allowed:
                raise Unsayable(f"{name} can't do `{key}`")
        left_out = {*self.drops, *self.lacks}
        kept = {self.renames.get(key, key): value for key, value in said.items() if key not in left_out}
        if not self.developer and b'"developer"' in said.get("messages", b""):
            kept["messages"] = as_system(said["messages"])
        return body if kept == said else encoded({key: msgspec.Raw(value) for key, value in kept.items()})


_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_MESSAGES = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_SYSTEM = msgspec.Raw(b'"system"')


def as_system(messages: bytes) -> bytes:
    """Messages in which the developer speaks as the system."""
    found = _MESSAGES.decode(messages)
    for message in found:
        if bytes(message.get("role", b"")) == b'"developer"':
            message["role"] = _SYSTEM
    return encoded(found)


FITTED = ("openai_chat", "open_models_chat", "mistral_chat")
"""Shapes whose bodies are fitted to a vendor."""

_V1 = "/v1/"
"""How the paths of OpenAI's shapes begin; the address ends with it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compatible(Hosted):
    """A provider of OpenAI's protocols; its address ends as the vendor writes it for OpenAI's SDKs (mostly `/v1`)."""

    quirks: Quirks = Quirks()
    _marks: re.Pattern[bytes] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_marks", self.quirks.marks())

    def path(self, operation: Operation, sent: Sent, model: str, login: Login) -> str:
        """The shape's, without the version that the address has."""
        return sent.path[3:] if sent.path.startswith(_V1) else sent.path

    def fit(self, shape: str, body: bytes, lenient: bool = False) -> bytes:
        """As the vendor takes it."""
        if shape not in FITTED or self._marks is None or not self._marks.search(body):
            return body
        try:
            return self.quirks.fit(self.name, body, lenient)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise Unsayable(f"the body is no request: {str(error)[:200]}") from error


def compatible(
    name: str,
    url: str,
    variable: str | None,
    *,
    chats: tuple[str, ...] = ("openai_chat",),
    plain: tuple[Operation, ...] = (),
    completion: bool = False,
    rerank: str | None = None,
    dialect: str | None = None,
    quirks: Quirks | None = None,
    passes: frozenset[bytes] = frozenset(),
) -> Compatible:
    """A provider of OpenAI's protocols: `plain` are its operations beside chats, `rerank` the shape of that one.
    `dialect` is what it speaks beside OpenAI's words for the plain ones."""
    speaks: dict[Operation, tuple[str, ...]] = {"chat": chats, "models": ("openai_plain",)}
    speaks |= dict.fromkeys(plain, ("openai_plain",) if dialect is None else ("openai_plain", dialect))
    if completion:
        speaks["completion"] = ("openai_completions",)
    if rerank is not None:
        speaks["rerank"] = (rerank,)
    return Compatible(
        name=name,
        url=url,
        variable=variable,
        shape=chats[0],
        speaks=speaks,
        quirks=quirks or Quirks(),
        passes=passes,
    )


def lacking(*names: str, **allowed: bytes) -> Mapping[str, frozenset[bytes]]:
    """Fields that a vendor lacks; `allowed` is a value that asks for nothing (`n=b"1"`)."""
    return {name: frozenset() for name in names} | {name: frozenset({value}) for name, value in allowed.items()}
