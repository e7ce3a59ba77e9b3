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
        self._own: list[tuple[re.Pattern[bytes], bytes, Spoken]] = []
        self._agents: tuple[bytes, ...] = ()
        """How clients name themselves that are spoken to in their vendor's own way."""
        for shape in shapes:
            for place in shape.places:
                self._add(shape, place)

    def find(self, method: bytes, path: bytes, agent: bytes = b"") -> Spoken | None:
        """What is spoken there, to clients whose `user-agent` is this."""
        if agent.startswith(self._agents):
            return self._of_agent(method, path, agent) or self.find(method, path)
        found = self._exact.get((method, path))
        if found is not None:
            return found
        return next((one for pattern, by, one in self._patterns if by == method and pattern.fullmatch(path)), None)

    def allowed(self, path: bytes) -> list[bytes]:
        """The methods by which a path can be asked."""
        exact = [method for method, known in self._exact if known == path]
        return sorted({*exact, *(by for pattern, by, _ in self._patterns if pattern.fullmatch(path))})

    def _of_agent(self, method: bytes, path: bytes, agent: bytes) -> Spoken | None:
        for pattern, by, spoken in self._own:
            if by == method and agent.startswith(spoken[1].agent) and pattern.fullmatch(path):
                return spoken
        return None

    def _add(self, shape: Shape, place: Place) -> None:
        method, path = place.method.encode(), place.path
        if "{" not in path and not place.agent:
            self._exact.setdefault((method, path.encode()), (shape, place))
            return
        pieces = [rb".+" if piece.startswith("{") else re.escape(piece).encode() for piece in _PIECES.split(path)]
        known = self._own if place.agent else self._patterns
        known.append((re.compile(b"".join(pieces)), method, (shape, place)))
        if place.agent:
            self._agents = tuple({*self._agents, place.agent})


_PIECES = re.compile(r"(\{\w+\})")
