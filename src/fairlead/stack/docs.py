"""The reference of the stack file, made from the model: its types, defaults and the docstrings beneath its fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticUndefined

from fairlead.errors import UsageError
from fairlead.kit import suggest
from fairlead.kit.yaml import dumps, parse
from fairlead.stack import keys
from fairlead.stack.described import describe
from fairlead.stack.keys import Place

NAME = "NAME"
"""Stands for a name of the user's own in a key path."""

_ITEM = "-"
"""Stands for an item of a list, inside this module."""


@dataclass(frozen=True, slots=True)
class DocPage:
    """What there is to say of one key."""

    key: str
    type: str
    """In words: `a duration with a unit, such as `30s``."""
    default: str | None
    """As the file writes it; None where there is none."""
    required: bool
    description: str
    children: tuple[tuple[str, str], ...]
    """Keys below, with the first sentence of each."""
    example: str
    """YAML that can be put into a stack file."""


def document(key: str = "") -> DocPage:
    """The page of a key such as `services.scale.max`; names of one's own may be left out."""
    describe()
    parts = [part for part in key.split(".") if part]
    path, place = _find(parts)
    return _page(path, place)


def pages() -> Iterator[DocPage]:
    """Every key of the stack file, from the top down."""
    describe()
    yield from _pages([], keys.ROOT)


def reference() -> str:
    """The whole reference as Markdown."""
    describe()
    return "\n".join(["# The stack file", "", *_markdown()]) + "\n"


def _pages(path: list[str], place: Place) -> Iterator[DocPage]:
    if path:
        yield _page(path, place)
    for name, field in _inner(place).children().items():
        yield from _pages([*path, *_step_in(place), name], keys.of_field(field))


def _inner(place: Place) -> Place:
    """The place behind a user's own name, or a list's item, where that is where the keys are."""
    if place.model is not None:
        return place
    inside = place.named() or place.items()
    return inside if inside is not None and inside.model is not None else place


def _step_in(place: Place) -> list[str]:
    if _inner(place) is place:
        return []
    return [NAME] if place.named() is not None else [_ITEM]


def _find(parts: list[str]) -> tuple[list[str], Place]:
    path: list[str] = []
    place = keys.ROOT
    for n, part in enumerate(parts):
        steps, below = _step(place, path, part)
        if below is None:
            raise _no_such_key(parts[: n + 1], _inner(place))
        path, place = [*path, *steps], below
    return path, place


def _step(place: Place, path: list[str], part: str) -> tuple[list[str], Place | None]:
    """The way one part of a key leads, and where to; a name of the user's own may be there or be left out."""
    if path == ["environments"]:
        return [NAME], keys.ROOT
    inner = _inner(place)
    if (field := inner.children().get(part)) is not None:
        return [*_step_in(place), part], keys.of_field(field)
    if place.model is None and place.named() is not None:
        return [NAME], place.named()
    return ([_ITEM], place.items()) if part.isdigit() else ([], None)


def _no_such_key(parts: list[str], place: Place) -> UsageError:
    hint = suggest.hint(parts[-1], place.children(), none="`fairlead docs` lists the keys")
    return UsageError(f"there is no key `{'.'.join(parts)}`", hint=hint)


def _page(path: list[str], place: Place) -> DocPage:
    inner = _inner(place)
    children = tuple((name, _first_sentence(field.description)) for name, field in inner.children().items())
    default, required = _default(place)
    return DocPage(
        ".".join(part for part in path if part != _ITEM),
        _type(place),
        default,
        required,
        _description(place, inner),
        children,
        _example(path, place),
    )


def _type(place: Place) -> str:
    named, items = place.named(), place.items()
    if place.model is None and named is not None and place.words() == "a mapping":
        return f"a mapping of names to: {named.words()}"
    if place.model is None and items is not None and items.model is not None:
        return f"a list of: {items.words()}"
    return place.words()


def _description(place: Place, inner: Place) -> str:
    """The field's own docstring, and that of the part of the model that it holds."""
    own = (place.field.description or "") if place.field else ""
    of_model = " ".join((inner.model.__doc__ or "").split()) if inner.model else ""
    texts = (own, "" if own.startswith(of_model.rstrip(".")) else of_model)
    return "\n\n".join(text for text in texts if text)


def _first_sentence(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line.partition(". ")[0].rstrip(".")


def _default(place: Place) -> tuple[str | None, bool]:
    field = place.field
    if field is None or field.is_required():
        return None, field is not None
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined or value == {} or value == [] or value == "":
        return None, False
    return (None if place.model is not None else _written(place, field, value)), False


def _written(place: Place, field: Any, value: Any) -> str:
    """A default as the file writes it: through the serializer that the field's annotation carries."""
    show = next((note.func for note in place.metadata if hasattr(note, "func") and hasattr(note, "when_used")), None)
    if show is not None:
        return str(show(value))
    item = place.items()
    if isinstance(value, list) and item is not None:
        return "[" + ", ".join(_written(item, field, each) for each in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _example(path: list[str], place: Place) -> str:
    """The key at its place, with a value of its kind, and whatever may not be missing beside it."""
    value = _WHOLE.get(".".join(path))
    return dumps(_put(path, _sample(place) if value is None else value, keys.ROOT)).rstrip("\n")


_WHOLE: dict[str, Any] = {
    "": {"name": "shop", "services": {"web": {"command": "python app.py"}}},
    "environments": {"production": {"router": {"address": "0.0.0.0"}}},  # noqa: S104  # an example of an overlay
}


def _put(path: list[str], value: Any, place: Place) -> Any:
    if not path:
        return value
    part, rest = path[0], path[1:]
    if part == _ITEM:
        return [_put(rest, value, place.items() or place)]
    if part == NAME:
        below = place.named() or place
        return {
            _own_name(place): _put(rest, value, keys.ROOT if place.model is None and below.model is None else below)
        }
    below = keys.of_field(place.children()[part])
    beside = {} if place is keys.ROOT else _required(place)
    return {**beside, part: _put(rest, value, below)}


def _sample(place: Place) -> Any:
    """A value that fits: an example, the default, or one made up from the type."""
    if (choice := next(iter(keys.choices(place)), None)) is not None:
        return choice
    default, _ = _default(place)
    written = place.example() or default
    if written:
        return written if place.words() == "text" else parse(written, "").data
    if place.model is not None:
        return _required(place) or _first(place)
    named, items = place.named(), place.items()
    if named is not None:
        return {_own_name(place): _sample(named)}
    return [_sample(items)] if items is not None else _PLAIN.get(place.words(), "text")


_PLAIN = {"a whole number": 16, "a number": 0.5, "true or false": True}


def _own_name(place: Place) -> str:
    """A key for a mapping whose keys are the user's own."""
    key = place.key_place()
    if key is None:
        return "my-name"
    return str(next(iter(keys.choices(key)), None) or ("MY_VARIABLE" if key.example() == "DATABASE_URL" else "my-name"))


def _required(place: Place) -> dict[str, Any]:
    fields = {name: keys.of_field(field) for name, field in place.children().items() if field.is_required()}
    return {name: _sample(below) for name, below in fields.items()}


def _first(place: Place) -> dict[str, Any]:
    name, field = next(iter(place.children().items()))
    return {name: _sample(keys.of_field(field))}


def _markdown() -> Iterator[str]:
    for page in pages():
        yield f"{'#' * min(page.key.count('.') - page.key.count(NAME) + 2, 6)} `{page.key}`"
        yield ""
        yield page.description
        yield ""
        yield f"{page.type[:1].upper()}{page.type[1:]}." + _markdown_default(page)
        yield ""


def _markdown_default(page: DocPage) -> str:
    if page.required:
        return " Required."
    return f" Default: `{page.default}`." if page.default is not None else ""
