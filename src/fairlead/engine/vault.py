"""The values of the stack's secrets, in memory only, and their removal from everything that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from fairlead.engine.secrets import Secret, redact, resolve
from fairlead.stack.model import Stack


class Vault:
    """Looks secrets up where the stack says they are, each time anew, and remembers what must never be shown."""

    def __init__(self) -> None:
        self._environ: dict[str, str] = {}
        self._known: dict[str, Secret] = {}
        self._stack: Stack | None = None
        self._base = Path()

    def learn(self, environ: Mapping[str, str]) -> None:
        """Variables of the environment of whoever asks; kept in memory only."""
        self._environ.update(environ)

    def open(self, stack: Stack, base: Path) -> None:
        """Use the secrets of this stack, whose file is in `base`."""
        self._stack, self._base = stack, base

    def check(self, names: Iterable[str]) -> None:
        """Raise `SecretMissing`, with every one that has no value."""
        self._resolve(list(names))

    def values(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Variable -> value, from variable -> secret. Raises `SecretMissing`."""
        found = self._resolve(list(variables.values()))
        return {variable: found[name].reveal() for variable, name in variables.items()}

    def value(self, name: str) -> str:
        """One value. Raises `SecretMissing`."""
        return self._resolve([name])[name].reveal()

    def remember(self, name: str, value: Secret) -> None:
        """A value that is not in the stack (a store's password) and must not be shown either."""
        self._known[name] = value

    def redact(self, text: str) -> str:
        """The text without any known value."""
        return redact(text, self._known.values())

    def _resolve(self, names: list[str]) -> Mapping[str, Secret]:
        if not names or self._stack is None:
            return {}
        found = resolve(self._stack, names, base=self._base, environ=self._environ)
        self._known.update(found)
        return found
