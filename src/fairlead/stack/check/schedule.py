"""Times of cron: five fields, each within its range (crontab(5))."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.check.stores import backups
from fairlead.stack.model import Stack

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS_IN = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)
_PART = re.compile(r"^(?:\*|(?P<low>\w+)(?:-(?P<high>\w+))?)(?:/(?P<step>[0-9]+))?$")


@rule
def times_exist(stack: Stack) -> Iterator[Finding]:
    """Schedules of services and backups name times that come."""
    for path, cron in _times(stack):
        for text, (name, low, high, names) in zip(cron.split(), _FIELDS, strict=True):
            if not all(_part_fits(part, low, high, list(names)) for part in text.lower().split(",")):
                message = f"the {name} should be from {low} to {high}, got `{text[:20]}`"
                yield Finding(path, message, "such as `30 2 * * *` for half past two every night (UTC)")
                break
        else:
            yield from _comes(path, cron)


def _comes(path: KeyPath, cron: str) -> Iterator[Finding]:
    """A day of a month that is in none of the months named never comes."""
    _, _, days, months, weekdays = cron.lower().split()
    if days.isdecimal() and weekdays == "*" and months != "*":
        named = [_number(month, 1, _MONTHS) for month in months.split(",")]
        if all(month is not None and int(days) > _DAYS_IN[month - 1] for month in named):
            yield Finding(path, f"names a day that never comes: the {days}. of `{months}`", "name an earlier day")


def _times(stack: Stack) -> Iterator[tuple[KeyPath, str]]:
    for here, service in services(stack):
        if service.schedule is not None:
            yield (*here, "schedule"), service.schedule
    for path, backup in backups(stack):
        if backup.at is not None:
            yield (*path, "at"), backup.at


def _part_fits(part: str, low: int, high: int, names: list[str]) -> bool:
    match = _PART.match(part)
    if not match or match["step"] in {"0", "00"}:
        return False
    ends = [_number(match[key], low, names) for key in ("low", "high") if match[key] is not None]
    return all(end is not None and low <= end <= high for end in ends) and ends == sorted(
        ends, key=lambda end: end or 0
    )


def _number(word: str, low: int, names: list[str]) -> int | None:
    if word in names:
        return names.index(word) + low
    return int(word) if re.fullmatch(r"[0-9]{1,2}", word) else None


@rule
def jobs_are_jobs(stack: Stack) -> Iterator[Finding]:
    """What runs at times and ends can't be a service that others reach."""
    for here, service in services(stack):
        if service.schedule is None:
            continue
        if service.expose:
            message = "is for a service that runs all the time, this one has a `schedule`"
            yield Finding((*here, "expose"), message, "take one of them out")
        if service.scale.max not in (None, 1):
            yield Finding((*here, "scale"), "should be 1 beside `schedule`", "take `scale` out")
