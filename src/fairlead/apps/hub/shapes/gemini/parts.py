"""The parts of Gemini's contents: text, thoughts, bytes, files, calls of functions and what they gave back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.apps.hub.calls import (
    Json,
    Media,
    Other,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Unsayable,
)
from fairlead.apps.hub.shapes.fields import decoded, encoded, said
from fairlead.apps.hub.shapes.gemini.proto import MADE, NAME, Proto, sealed, unsealed
from fairlead.apps.hub.shapes.media import kind_of
from fairlead.apps.hub.shapes.refusing import ITEM, group, own
from fairlead.apps.hub.shapes.seals import foreign

OUTPUT, ERROR = "output", "error"
"""The keys of a function's response; one without them is the output as a whole (Google's reference)."""

NO_SEAL = "skip_thought_signature_validator"
"""Said with calls of functions that Gemini did not make itself, which it refuses without (Google's page on thought
signatures)."""


class Calls:
    """The calls of functions in a conversation, each with an id of its own, and what was given back for them."""

    def __init__(self, made: str = MADE) -> None:
        self._made = made
        self._count = 0
        self._open: list[tuple[str, str]] = []

    def asked(self, id: str | None, name: str) -> str:
        """The id of a call; one is made for those that have none."""
        id = id or f"{self._made}{self._count}"
        self._count += 1
        self._open.append((id, name))
        return id

    def answered(self, id: str | None, name: str) -> str:
        """The id of the call that is answered: as said, or the earliest of that name."""
        if id is None:
            id = next((open_id for open_id, open_name in self._open if open_name == name), None)
        if id is None:
            return self.asked(None, name)
        self._open = [(open_id, open_name) for open_id, open_name in self._open if open_id != id]
        return id


def read_part(part: Proto, calls: Calls) -> Part:
    """One part; of a kind that only Gemini has words for as it is."""
    whole = part.rest()
    thought, (signature, origin) = part.flag("thought"), unsealed(part.text("thoughtSignature"))
    if "text" in part:
        text = part.need("text")
        if thought:
            return Thinking(text, signature, origin=origin, extra=part.rest())
        if origin != NAME and not text:
            return Thinking(sealed=signature, origin=origin)
        return Text(text, signature=signature, extra=part.rest())
    if (call := part.part("functionCall")) is not None:
        return _use(call, signature, calls, part.rest())
    if (answer := part.part("functionResponse")) is not None:
        return _result(answer, calls, part.rest())
    if "inlineData" in part or "fileData" in part:
        return _media(part, signature)
    kind = next(iter(part.rest()), "part")
    return Other(kind, whole)


def _use(call: Proto, signature: str | None, calls: Calls, extra: Json) -> ToolUse:
    id, name, given = call.text("id"), call.need("name"), call.json("args") or {}
    if "partialArgs" in call:
        raise Unsayable("gemini's partial arguments of functions are not read")
    arguments = encoded(given).decode()
    return ToolUse(calls.asked(id, name), name, arguments, signature=signature, extra=call.rest() | extra)


def _result(answer: Proto, calls: Calls, extra: Json) -> ToolResult:
    id, name, response = answer.text("id"), answer.need("name"), answer.json("response") or {}
    alone = next(iter(response.values())) if len(response) == 1 else None
    failed = ERROR in response and isinstance(alone, str)
    plain = alone if isinstance(alone, str) and (failed or OUTPUT in response) else None
    parts = tuple(_of_tool(part) for part in answer.parts("parts"))
    text = (Text(plain if plain is not None else encoded(response).decode()),)
    return ToolResult(
        calls.answered(id, name),
        () if plain == "" and not failed else text + parts,
        name=name,
        failed=failed,
        extra=answer.rest() | extra,
    )


def _of_tool(part: Proto) -> Media | Other:
    return _media(part, None) if "inlineData" in part or "fileData" in part else Other("functionResponse", part.rest())


def _media(part: Proto, signature: str | None) -> Media:
    held, kept = part.part("inlineData"), part.part("fileData")
    source = held or kept or Proto({})
    mime = source.text("mimeType")
    data, url = source.text("data") if held else None, source.text("fileUri") if kept else None
    names = {ITEM: rest} if (rest := source.rest()) else {}
    return Media(kind_of(mime), mime, data, url, extra=part.rest() | names | said(thoughtSignature=signature))


def write_parts(parts: Sequence[Part], names: dict[str, str], answer: bool = False) -> list[Json]:
    """The parts of one turn. `names` has the function of each call so far, which what is given back has to name.

    Sealed reasoning that came before a call of a function belongs to the call.
    """
    written: list[Json] = []
    seal: str | None = None
    for part in parts:
        if isinstance(part, Thinking) and part.sealed is not None:
            if part.origin in ("", NAME):
                written += _sealed_text(seal)
                seal = part.sealed
            elif answer:
                written.append({"text": "", "thoughtSignature": sealed(part.sealed, part.origin)})
            continue
        one = write_part(part, names, answer)
        if seal is not None and "functionCall" in (one or {}):
            one, seal = {"thoughtSignature": seal} | (one or {}), None
        written += _sealed_text(seal)
        seal = None
        written += [one] if one is not None else []
    return written + list(_sealed_text(seal))


def _sealed_text(seal: str | None) -> Iterator[Json]:
    if seal is not None:
        yield {"text": "", "thoughtSignature": seal}


def write_part(part: Part, names: dict[str, str], answer: bool) -> Json | None:
    """One part; nothing for reasoning of another provider, unless it is for a client."""
    if isinstance(part, Text):
        return said(text=part.text, thoughtSignature=part.signature) | part.extra
    if isinstance(part, Refusal):
        return {"text": part.text}
    if isinstance(part, Thinking):
        return None if foreign(part, NAME) and not answer else _thought(part)
    if isinstance(part, ToolUse):
        names[part.id] = part.name
        return {"functionCall": write_call_of(part)} | said(thoughtSignature=part.signature)
    if isinstance(part, ToolResult):
        return {"functionResponse": _written_result(part, names)}
    return _written_media(part) if isinstance(part, Media) else part.fields


def _thought(part: Thinking) -> Json:
    signature = sealed(part.signature, part.origin)
    return said(text=part.text, thought=True, thoughtSignature=signature) | part.extra


def write_call_of(use: ToolUse) -> Json:
    """One call of a function."""
    value = decoded(use.arguments or "{}", f"what the tool `{use.name}` is given")
    if not isinstance(value, dict):
        raise Unsayable(f"gemini has no words for what the tool `{use.name}` is given, as it is no object")
    return said(id=own_id(use.id), name=use.name, args=value) | use.extra


def own_id(id: str) -> str | None:
    """The id, unless it was made here."""
    return None if not id or id.startswith(MADE) else id


def _written_result(result: ToolResult, names: dict[str, str]) -> Json:
    name = result.name or names.get(result.id)
    if name is None:
        raise Unsayable(f"gemini has no words for what a tool gave back without its name (call `{result.id}`)")
    text = "\n".join(part.text for part in result.parts if isinstance(part, Text))
    rest = [_written_media(part) for part in result.parts if isinstance(part, Media)]
    rest += [part.fields for part in result.parts if isinstance(part, Other)]
    response = {ERROR: text} if result.failed else _response(text)
    return said(id=own_id(result.id), name=name, response=response, parts=rest or None) | result.extra


def _response(text: str) -> Any:
    """An object as it is, unless it would be taken for the wrapping of another; anything else wrapped."""
    try:
        value = decoded(text)
    except Unsayable:
        return {OUTPUT: text}
    wraps = isinstance(value, dict) and len(value) == 1 and (OUTPUT in value or ERROR in value)
    return value if isinstance(value, dict) and not wraps else {OUTPUT: text}


def _written_media(media: Media) -> Json:
    inner = said(mimeType=media.mime) | group(media.extra, ITEM)
    if media.data is not None:
        if media.mime is None:
            raise Unsayable(f"gemini has no words for a {media.kind} of no type")
        return {"inlineData": inner | {"data": media.data}} | own(media.extra, ITEM)
    if media.url is None:
        raise Unsayable(f"gemini has no words for a {media.kind} that is a file stored elsewhere")
    return {"fileData": inner | {"fileUri": media.url}} | own(media.extra, ITEM)
