"""What `with:` says to an app: looked at by the app itself, which is told to us from above (apps know no stacks, and
stacks no apps).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack

Said = tuple[KeyPath, str, str | None]
"""A key of the configuration, what is wrong with it, and a hint."""

Checker = Callable[[dict[str, Any], Collection[str]], Iterable[Said]]
"""What is wrong with a configuration whose process is given these variables."""

CHECKERS: dict[str, Checker] = {}
"""By app; filled from above, by `fairlead.daemon.apps`."""


@rule
def settings_are_understood(stack: Stack) -> Iterator[Finding]:
    """The app knows every key of its configuration, and is given the keys of the providers that it names."""
    for here, service in services(stack):
        checker = CHECKERS.get(service.uses or "")
        if checker is not None:
            for path, message, hint in checker(service.settings, {*service.environment, *service.secrets}):
                yield Finding((*here, "with", *path), message, hint)
