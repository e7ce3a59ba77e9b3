"""Numbers as a person reads them: `3m`, `64 Mi`, `12,345`, `10%`."""

from __future__ import annotations

import re
import time

_SPANS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def span(seconds: float) -> str:
    """A duration with its two largest units: `3m 20s`, `2h`, `5d 4h`; under a second in thousandths."""
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    rest = round(max(seconds, 0))
    parts: list[str] = []
    for unit, size in _SPANS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count}{unit}" if count else "")
    return " ".join(filter(None, parts[:2])) or "0s"


def size(size_bytes: float) -> str:
    """An amount of memory: `64 Mi`, `1.5 Gi`."""
    for unit, factor in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
        if size_bytes >= factor:
            whole = size_bytes / factor
            return f"{whole:.1f} {unit}" if whole < 10 and unit == "Gi" else f"{whole:.0f} {unit}"
    return f"{size_bytes:.0f} B"


def share(percent: float) -> str:
    """`10%`, `0.5%`."""
    return f"{percent:.3g}%" if percent < 100 else f"{percent:.0f}%"


def milliseconds(value: float | None) -> str:
    """`12 ms`, `0.8 ms`, `1.5 s`; a dash for what was not measured."""
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def moment(at: float, now: float) -> str:
    """A time of day, with its date when it was not today; in the time zone of the machine."""
    then, today = time.localtime(at), time.localtime(now)
    same_day = (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday)
    return time.strftime("%H:%M:%S" if same_day else "%Y-%m-%d %H:%M", then)


def clean(text: str) -> str:
    """Text from a program, without what could move the cursor or colour the terminal."""
    return _CONTROL.sub("", text.expandtabs())
