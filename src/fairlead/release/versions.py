"""How a version of a service gets its name: v1, v2, …, or the one that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fairlead.errors import UsageError

LONGEST_NAME = 63
"""Characters: a DNS label (RFC 1123) and the value of a Kubernetes label."""

_NAME = re.compile(r"[a-z0-9]+([-.]+[a-z0-9]+)*")
_NUMBERED = re.compile(r"v([1-9][0-9]*)")
_RELEASE = re.compile(r"r[0-9]+")


def next_version(existing: Mapping[str, str], digest: str, requested: str | None = None) -> str:
    """The name of a version with this content; `existing` is name -> digest of those that are kept.

    Raises `UsageError` for a name that can't be used, or that stands for another content already.
    """
    if requested is None:
        return f"v{_highest(existing) + 1}"
    check_name(requested)
    if existing.get(requested, digest) != digest:
        raise UsageError(
            f"version {requested}: exists already with another content",
            hint="choose another name, or leave it out and it is numbered",
        )
    return requested


def check_name(name: str) -> None:
    """Raise `UsageError` unless a version can be called so on every target."""
    if _RELEASE.fullmatch(name):
        raise UsageError(f"version {name}: looks like the number of a release", hint=f"`v{name[1:]}` would do")
    if len(name) > LONGEST_NAME:
        raise UsageError(f"version {name}: should have at most {LONGEST_NAME} characters, has {len(name)}")
    if not _NAME.fullmatch(name) or ".." in name:
        raise UsageError(
            f"version {name!r}: should be lower-case letters, digits, `-` and `.` between them, such as `1.4.0-rc.1`",
            hint=_like(name),
        )


def _highest(names: Iterable[str]) -> int:
    return max((int(found[1]) for name in names if (found := _NUMBERED.fullmatch(name))), default=0)


def _like(name: str) -> str | None:
    """The nearest name that would do."""
    near = re.sub(r"[^a-z0-9.]+", "-", name.lower().replace("+", "-"))
    near = re.sub(r"\.{2,}", ".", near).strip("-.")[:LONGEST_NAME].strip("-.")
    return f"`{near}` would do" if near and not _RELEASE.fullmatch(near) else None
