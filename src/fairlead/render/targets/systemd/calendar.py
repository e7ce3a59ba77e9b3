"""Times of cron as systemd writes them."""

from __future__ import annotations

import re

DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAMES = {day.lower(): number for number, day in enumerate(DAYS[:7])}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def calendars(cron: str) -> list[str]:
    """One expression, or two where cron takes either of day of month and day of week (crontab(5)); UTC."""
    minute, hour, day, month, week = cron.lower().split()
    time = f"{_field(hour, 0, 23)}:{_field(minute, 0, 59)}:00 UTC"
    months = _field(_numbers(month), 1, 12)
    by_day = f"*-{months}-{_field(day, 1, 31)} {time}"
    by_week = f"{_week(week)} *-{months}-* {time}"
    if week.startswith("*"):
        return [by_day]
    return [by_week] if day.startswith("*") else [by_day, by_week]


def _field(text: str, low: int, high: int) -> str:
    return ",".join(_part(part, low, high) for part in text.split(","))


def _part(part: str, low: int, high: int) -> str:
    inner, _, step = part.partition("/")
    if inner == "*":
        return f"{low}/{step}" if step else "*"
    first, _, last = inner.partition("-")
    if step:
        return f"{int(first)}..{int(last or high)}/{step}"
    return f"{int(first)}..{int(last)}" if last else f"{int(first)}"


def _numbers(text: str) -> str:
    return re.sub(r"[a-z]{3}", lambda found: str(MONTHS.index(found[0]) + 1), text)


def _week(text: str) -> str:
    """Each day by its name: systemd's ranges of days know no steps, and begin on Monday."""
    days: set[int] = set()
    for part in re.sub(r"[a-z]{3}", lambda found: str(NAMES[found[0]]), text).split(","):
        inner, _, step = part.partition("/")
        first, _, last = inner.partition("-")
        ends = (0, 6) if first == "*" else (int(first), int(last or (6 if step else first)))
        days |= {day % 7 for day in range(ends[0], ends[1] + 1, int(step or 1))}
    return ",".join(DAYS[day] for day in sorted(days))
