"""Whose series are meant: those of one server are this stack's alone, those of a cluster need the namespace."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.stack.model import Stack


@dataclass(frozen=True, slots=True)
class Where:
    """A stack and where it runs; `namespace` is `None` on one server."""

    stack: Stack
    namespace: str | None = None

    def labels(self, **more: str) -> dict[str, str]:
        """Labels that its series have."""
        return ({"namespace": self.namespace} if self.namespace else {}) | more
