"""Where a provider is: its usual address or another, filled from the settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from fairlead.errors import UsageError

_BLANK = re.compile(r"\{(\w+)\}")
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
"""What a setting may be that becomes part of a host: anything else could lead the key elsewhere."""


def address(name: str, usual: str, settings: Mapping[str, str], other: str | None = None) -> str:
    """The address of the provider `name`, without a `/` at its end.

    `other` replaces the usual one; when it has no path it gets the usual path, so that `http://127.0.0.1:8000` does
    for a server of OpenAI's shape as well as `http://127.0.0.1:8000/v1`. Raises `UsageError`.
    """
    usual = filled(name, usual, settings)
    if other is None:
        return usual.rstrip("/")
    parts = urlsplit(other)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"providers.{name}.url: should be http(s)://host[:port][/path]")
    if parts.username or parts.password:
        raise UsageError(f"providers.{name}.url: should hold no key", hint="name its variable under `keys`")
    return other.rstrip("/") if parts.path.strip("/") else other.rstrip("/") + urlsplit(usual).path.rstrip("/")


def filled(name: str, text: str, settings: Mapping[str, str]) -> str:
    """A text with its blanks filled. Raises `UsageError` for a setting that is missing or can't be part of a host."""

    def value(blank: re.Match[str]) -> str:
        key = blank[1]
        if key not in settings:
            raise UsageError(f"providers.{name}.settings.{key}: is missing", hint=f"{name} is at {text}")
        if not _VALUE.fullmatch(settings[key]):
            raise UsageError(f"providers.{name}.settings.{key}: should be letters, digits, `.` and `-`")
        return settings[key]

    return _BLANK.sub(value, text)
