"""A kept answer given again: as it was, or in the other form, by way of the words that all protocols share.

A stream that is told again comes in the pieces in which it came first; where the client wants the usage told and the
first one did not (or the other way round) each piece is written anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fairlead.apps.hub.cache.kept import Kept
from fairlead.apps.hub.calls import Chat, Delta, Failure, Plain, Unsayable
from fairlead.apps.hub.shapes import Shape
from fairlead.apps.hub.shapes.folding import Folded, told


def as_whole(kept: Kept, shape: Shape, call: Chat | Plain) -> bytes:
    """The answer in one piece. Raises `Unsayable` for what can't be read."""
    if not kept.stream:
        return kept.pieces[0]
    if kept.other is None:
        kept.other = [_folded(kept, shape, _chat(call))]
    return kept.other[0]


def as_stream(kept: Kept, shape: Shape, call: Chat | Plain, shows_usage: bool) -> Sequence[bytes]:
    """The answer in pieces. Raises `Unsayable` for what can't be read."""
    if kept.stream and kept.shows_usage == shows_usage:
        return kept.pieces
    if kept.stream:
        return list(_rewritten(kept, shape, _chat(call)))
    return list(_told(kept, shape, _chat(call)))


def _chat(call: Chat | Plain) -> Chat:
    if isinstance(call, Chat):
        return call
    raise Unsayable(f"an answer to a call of the kind `{call.operation}` has one form only")


def _folded(kept: Kept, shape: Shape, call: Chat) -> bytes:
    reader, whole = shape.reader(call), Folded()
    for piece in kept.pieces:
        for delta in _sound(reader.feed(piece)):
            whole.add(delta)
    for delta in _sound(reader.close()):
        whole.add(delta)
    whole.usage = whole.usage or kept.usage
    return shape.write_reply(call, whole.reply())


def _rewritten(kept: Kept, shape: Shape, call: Chat) -> Iterable[bytes]:
    reader, writer = shape.reader(call), shape.writer(call)
    seen = False
    for piece in [*kept.pieces, None]:
        deltas = _sound(reader.feed(piece) if piece is not None else reader.close())
        seen = seen or any(delta.usage is not None for delta in deltas)
        written = b"".join(writer.write(delta) for delta in deltas)
        if written:
            yield written
    last = writer.write(Delta(usage=kept.usage)) if kept.usage is not None and not seen else b""
    yield last + writer.close()


def _told(kept: Kept, shape: Shape, call: Chat) -> Iterable[bytes]:
    reply = shape.read_reply(call, {}, kept.pieces[0])
    if isinstance(reply, Plain):
        raise Unsayable("the answer is none of a conversation")
    writer = shape.writer(call)
    yield from filter(None, (writer.write(delta) for delta in told(reply)))
    yield writer.close()


def _sound(items: Sequence[Delta | Failure]) -> list[Delta]:
    for item in items:
        if isinstance(item, Failure):
            raise Unsayable(f"the kept stream broke: {item.message}")
    return [item for item in items if isinstance(item, Delta)]
