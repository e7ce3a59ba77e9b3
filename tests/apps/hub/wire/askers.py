"""Who asks a provider in these tests, and what it hears."""

from __future__ import annotations

from dataclasses import dataclass, field

WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@dataclass
class Asking:
    """A caller that writes down what it is told."""

    pieces: bool = False
    told: list[object] = field(default_factory=list)
    body: bytes = b""

    def begun(self, status: int, headers: dict[bytes, bytes]) -> bool:
        """The head."""
        self.told.append(status)
        return self.pieces

    def piece(self, data: bytes) -> None:
        """Some of it."""
        self.body += data

    def complete(self) -> None:
        """All of it."""
        self.told.append("complete")

    def answered(self, status: int, headers: dict[bytes, bytes], body: bytes) -> None:
        """The whole."""
        self.told.append("answered")
        self.body = body

    def lost(self, why: str, *, untouched: bool) -> None:
        """Nothing, or no more."""
        self.told.append(("lost", why, untouched))

    @property
    def over(self) -> bool:
        """Whether it has its end."""
        return bool(self.told) and not isinstance(self.told[-1], int)
