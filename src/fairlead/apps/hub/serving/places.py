"""Which protocol is spoken at a path."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fairlead.apps.hub.shapes import Place, Shape

Spoken = tuple[Shape, Place]


class Places:
    """Every path of every protocol. `find` gives `None` for an unknown path; `allowed` the methods of a known one."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self._exact: dict[tuple[bytes, bytes], Spoken] = {}
        self._patterns: list[tuple[re.Pattern[bytes], bytes, Spoken]] = []
        for shape in shapes:
            for place in shape.places:
                self._add(shape, place)

    def find(self, method: bytes, path: bytes) -> Spoken | None:
        """What is spoken there."""
        found = self._exact.get((method, path))
        if found is not None:
            return found
        return next((one for pattern, by, one in self._patterns if by == method and pattern.fullmatch(path)), None)

    def allowed(self, path: bytes) -> list[bytes]:
        """The methods by which a path can be asked."""
        exact = [method for method, known in self._exact if known == path]
        return sorted({*exact, *(by for pattern, by, _ in self._patterns if pattern.fullmatch(path))})

    def _add(self, shape: Shape, place: Place) -> None:
        method, path = place.method.encode(), place.path
        if "{" not in path:
            self._exact.setdefault((method, path.encode()), (shape, place))
            return
        pieces = [rb".+" if piece.startswith("{") else re.escape(piece).encode() for piece in _PIECES.split(path)]
        self._patterns.append((re.compile(b"".join(pieces)), method, (shape, place)))


_PIECES = re.compile(r"(\{\w+\})")
