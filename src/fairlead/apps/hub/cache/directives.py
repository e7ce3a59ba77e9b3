"""What a client says about caching in `Cache-Control` (RFC 9111, section 5.2.1)."""

from __future__ import annotations

from typing import NamedTuple

ENDLESS = float("inf")


class Directives(NamedTuple):
    """As far as the hub heeds them; what it does not know it passes over, as the RFC asks."""

    reads: bool = True
    """Whether a kept answer will do; `no-cache` wants a new one, which is kept then."""
    keeps: bool = True
    """Whether the answer may be kept; not with `no-store`, which wants no kept one either."""
    only: bool = False
    """`only-if-cached`: nobody is to be asked."""
    most_age_s: float = ENDLESS
    least_left_s: float = 0.0
    """`min-fresh`: for how long a kept answer must still be good."""


NONE = Directives()


def directives(header: bytes | None) -> Directives:
    """Of the header's value; `None` where there is none."""
    if header is None:
        return NONE
    said = dict(_parts(header))
    no_store = "no-store" in said
    return Directives(
        reads="no-cache" not in said and not no_store,
        keeps=not no_store,
        only="only-if-cached" in said,
        most_age_s=_seconds(said.get("max-age"), ENDLESS, broken=0.0),
        least_left_s=_seconds(said.get("min-fresh"), 0.0, broken=ENDLESS),
    )


def _parts(header: bytes) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in header.decode("latin-1").lower().split(","))
    return [(name.strip(), value.strip().strip('"')) for name, _, value in pairs]


def _seconds(value: str | None, unsaid: float, broken: float) -> float:
    """A number that can't be read is taken for the strictest one."""
    if value is None:
        return unsaid
    return float(value) if value.isascii() and value.isdigit() else broken
