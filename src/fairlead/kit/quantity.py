"""Quantities with their units, as people write them: `30s`, `512Mi`, `250m`, `99.95%`, `$0.02`.

Each `parse_*` takes the text and gives the plain number in the unit its name says, or raises `ValueError` with what it
expected; each `format_*` is its inverse. A bare number is refused wherever a unit could be meant in two ways.
"""

from __future__ import annotations

import re
from decimal import Decimal

_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_BYTES = {
    "": 1, "B": 1,
    "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
}  # fmt: skip
_NUMBER = r"([0-9]+(?:\.[0-9]+)?)"
_MOST = 10.0**18
"""Nothing that is counted here goes beyond; a larger number is a slip, and would not fit elsewhere."""


def parse_duration(text: str) -> float:
    """Seconds in `90s`, `1m30s`, `250ms`, `2h`, `30d`."""
    parts = re.findall(rf"{_NUMBER}(ms|[smhdw])", text.strip())
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise ValueError("expected a duration with a unit, such as `30s`, `5m`, `1h30m` or `250ms`")
    exact = sum(Decimal(number) * _MILLISECONDS[unit] for number, unit in parts)  # so that 205ms is 0.205s
    return _bounded(float(exact / 1000))


def format_duration(seconds: float) -> str:
    """The shortest exact way to write that many seconds."""
    rest = round(seconds * 1000)
    if rest == 0 or rest / 1000 != seconds:
        return f"{_digits(seconds)}s"
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, _MILLISECONDS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def parse_size(text: str) -> int:
    """Bytes in `512Mi`, `1Gi`, `10G`, `1500B` (Kubernetes' suffixes)."""
    match = re.fullmatch(rf"{_NUMBER}\s*(B|[kMGT]|[KMGT]i)", text.strip())
    if not match:
        raise ValueError("expected a size with a unit, such as `512Mi`, `1Gi` or `10G`")
    return round(_bounded(float(match[1]) * _BYTES[match[2]]))


def format_size(size_bytes: int) -> str:
    """The unit that writes that many bytes exactly with the smallest number."""
    fitting = [unit for unit in _BYTES if unit and size_bytes and size_bytes % _BYTES[unit] == 0]
    unit = max(fitting, key=_BYTES.__getitem__, default="B")
    return f"{size_bytes // _BYTES[unit]}{unit}"


def parse_cpu(text: str) -> float:
    """Cores in `250m` (a quarter of one), `2` or `1.5`."""
    match = re.fullmatch(rf"{_NUMBER}(m?)", text.strip())
    if not match:
        raise ValueError("expected an amount of CPU, such as `250m`, `1` or `1.5`")
    return _bounded(float(match[1]) / (1000 if match[2] else 1))


def format_cpu(cores: float) -> str:
    """Whole cores as `2`, everything else in thousandths."""
    if cores == int(cores):
        return f"{cores:.0f}"
    thousandths = round(cores * 1000)
    return f"{thousandths}m" if thousandths / 1000 == cores else _digits(cores)


def parse_percent(text: str) -> float:
    """A number of hundredths in `99.95%`."""
    match = re.fullmatch(rf"{_NUMBER}\s*%", text.strip())
    if not match:
        raise ValueError("expected a percentage, such as `70%` or `99.95%`")
    return _bounded(float(match[1]))


def format_percent(percent: float) -> str:
    """`99.95%`, with no more digits than it needs."""
    return f"{_digits(percent)}%"


def parse_rate(text: str) -> tuple[int, float]:
    """A count and its period in seconds in `100/s`, `600/m`, `10/30s`."""
    count, slash, period = text.strip().partition("/")
    if not slash or not re.fullmatch("[0-9]{1,12}", count.strip()):
        raise ValueError("expected a rate, such as `100/s`, `600/m` or `10/30s`")
    period = period.strip()
    return int(count), parse_duration(period if period[:1].isdigit() else f"1{period}")


def format_rate(rate: tuple[int, float]) -> str:
    """`100/s`, `10/30s`."""
    count, seconds = rate
    period = format_duration(seconds)
    return f"{count}/{period[1:] if re.fullmatch('1[a-z]+', period) else period}"


def parse_money(text: str) -> float:
    """US dollars in `$0.02`, `2958 USD` or `$1,200`."""
    match = re.fullmatch(rf"\$\s*{_NUMBER}|{_NUMBER}\s*USD", text.strip().replace(",", ""))
    if not match:
        raise ValueError("expected an amount in US dollars, such as `$0.02` or `400 USD`")
    return _bounded(float(match[1] or match[2]))


def format_money(usd: float) -> str:
    """`$0.02`, with no more digits than it needs."""
    return f"${_digits(usd)}"


def _digits(number: float) -> str:
    """All digits that tell this number from its neighbours, without an exponent."""
    return f"{Decimal(repr(number)).normalize():f}"


def _bounded(number: float) -> float:
    if number > _MOST:
        raise ValueError("expected a smaller number")
    return number
