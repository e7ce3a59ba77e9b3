"""A release under judgement as a person sees it: who has what share, and what speaks for and against it, as bars."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from fairlead.cli.output.table import Cell, Column, fit
from fairlead.cli.output.words import clean, share, span

Facts = Mapping[str, Any]

WIDEST_BAR, NARROWEST_BAR = 24, 6
LONGEST_S = 60 * 86400.0
"""Beyond this nobody waits, and a number would be a claim."""

FULL, EMPTY = "█", "░"
FULL_ASCII, EMPTY_ASCII = "#", "."


def judgement_lines(found: Facts, *, now: float, width: int | None) -> list[str]:
    """The whole of one release in at most `width` columns; `now` is in seconds since the epoch."""
    lines = [_headline(found, now), _split(found)]
    if found["indicators"]:
        lines += evidence_lines(found["indicators"], width=width)
    lines += [_cut(text, width) for text in _standing(found, now)]
    return lines


def judgement_line(found: Facts, *, now: float) -> str:
    """The same in one line, for where nothing can be drawn over."""
    worst = max(found["indicators"], key=lambda one: one["worse"], default=None)
    parts = [f"{_carried(found)} for {span(now - found['began'])}", *filter(None, [_requests(found)])]
    if worst and worst["worse"] >= 0.1:
        parts.append(f"{worst['name']} {_percent(worst['worse'])} of the way to taking it back")
    return "; ".join([*parts, forecast(found)])


def standing(found: Facts) -> tuple[object, ...]:
    """What is news when it changes; figures that grow all the time are none."""
    return found["release"], found["share"], found.get("paused"), bool(found.get("burning")), _silent(found)


def forecast(found: Facts) -> str:
    """How long it still takes at the present traffic, or why nothing moves."""
    return clean(str(found["waits"])) if found.get("waits") else _time_left(found)


def _time_left(found: Facts) -> str:
    left, traffic = found.get("seconds_left"), found.get("requests_per_s") or 0.0
    if not traffic:
        return "no requests: no verdict without any"
    at = f"at this share and {rate(traffic)}"
    return f"about {minutes(left)} to a verdict {at}" if left is not None else f"time to a verdict not known yet, {at}"


def _why_not(found: Facts) -> str:
    """In short; each silent indicator has a line of its own above."""
    return f"no evidence from {silent}" if (silent := _silent(found)) else clean(str(found["waits"]))


def foretold(found: Facts) -> str:
    """What a canary that has not begun will need: "canary: about 25 min to a verdict at 4 requests/s; …"."""
    strategy, traffic, slowest = found["strategy"], found.get("requests_per_s") or 0.0, found.get("slowest") or {}
    if not traffic:
        return f"{strategy}: time to a verdict unknown: {found.get('why') or 'no traffic'}"
    left = found.get("seconds")
    time = f"about {minutes(left)} to a verdict" if left is not None else "time to a verdict unknown"
    parts = [f"{strategy}: {time} at the present {rate(traffic)}"]
    if slowest.get("units"):
        parts.append(f"{slowest['indicator']} needs about {slowest['units']:,.0f} requests")
    elif slowest.get("events"):
        parts.append(f"{slowest['indicator']} needs about {slowest['events']:,.0f} bad ones, and there were none")
    if found.get("unknown"):
        parts.append(f"{', '.join(found['unknown'])} may take longer")
    return "; ".join(parts)


def rate(per_s: float) -> str:
    """`21 requests/s`, `0.4 requests/s`."""
    return f"{per_s:.0f} requests/s" if per_s >= 10 else f"{per_s:.2g} requests/s"


def minutes(seconds: float) -> str:
    """A duration as roughly as it is known: `40 s`, `12 min`, `3 h`, `2 days`."""
    if seconds > LONGEST_S:
        return "60 days or more"
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"


def indicators(evidence: Mapping[str, Facts]) -> list[Facts]:
    """The rows of a verdict as the history keeps it."""
    return [
        {"name": name, "worse": one["worse_part"], "within": one["within_part"]}
        | {"ratio": one["ratio"], "silent": one["silent"]}
        for name, one in evidence.items()
    ]


def evidence_lines(rows: Sequence[Facts], *, width: int | None) -> list[str]:
    """A row for each indicator: how far to a rollback, how far to a promotion, the ratio seen or why there is none."""
    titles = [max([len("INDICATOR"), *(len(row["name"]) for row in rows)]), len("RATIO")]
    room = ((width or 100) - sum(titles) - 6 - 2 * len(" 100%")) // 2
    size = max(NARROWEST_BAR, min(WIDEST_BAR, room))
    columns = (
        Column("INDICATOR"),
        Column("TO TAKE BACK"),
        Column("TO PROMOTE"),
        Column("RATIO", right=True),
    )
    cells: list[list[Cell | str]] = [
        [row["name"], _bar(row["worse"], size, "red"), _bar(row["within"], size, "green"), _ratio(row)] for row in rows
    ]
    lines = fit(columns, cells, None).lines
    return lines + [
        _cut(f"{row['name']}: no evidence: {clean(str(row['silent']))}", width) for row in rows if row["silent"]
    ]


def _bar(part: float, size: int, colour: str) -> Cell:
    full, empty = (FULL, EMPTY) if _draws() else (FULL_ASCII, EMPTY_ASCII)
    filled = min(size, int(part * size + 1e-9))
    return Cell(f"{full * filled}{empty * (size - filled)} {_percent(part):>4}", colour if filled else None)


def _draws() -> bool:
    """Whether standard output and error can show blocks."""
    try:
        (FULL + EMPTY).encode(sys.stderr.encoding or "ascii")
        (FULL + EMPTY).encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _ratio(row: Facts) -> str:
    return "-" if row["ratio"] is None else f"{row['ratio']:.2f}"


def _percent(part: float) -> str:
    """Never 100% before it is."""
    return f"{int(min(part, 1.0) * 100 + 1e-9)}%"


def _headline(found: Facts, now: float) -> str:
    names = " + ".join(click.style(name, bold=True) for name in found["services"])
    which = f"{found['release']}, {found['strategy']}, {span(now - found['began'])}"
    return f"{names}: {found['to']} beside {found['from']} ({which})"


def _split(found: Facts) -> str:
    return "; ".join(filter(None, (_carried(found), _requests(found))))


def _carried(found: Facts) -> str:
    """What the new version gets."""
    if found.get("mirrored"):
        return f"copies of {share(found['share'])} of the requests to {found['to']}"
    steps = [step for step in found.get("steps") or [] if found["share"] < step < 100]
    after = f" (next {share(steps[0])})" if steps else ""
    return f"{share(found['share'])} of the requests to {found['to']}{after}"


def _requests(found: Facts) -> str:
    seen = found["requests"]
    return ", ".join(f"{version} answered {count:,.0f}" for version, count in seen.items())


def _silent(found: Facts) -> str:
    return ", ".join(row["name"] for row in found["indicators"] if row["silent"])


def _standing(found: Facts, now: float) -> Iterator[str]:
    """What comes next, and what a person can do."""
    service = found["services"][0]
    if found.get("paused"):
        yield click.style("paused", fg="yellow", bold=True) + f" by {found['paused']}; still taken back if it is bad"
    elif found.get("waits"):
        yield click.style("nothing moves: ", fg="yellow", bold=True) + _why_not(found)
    if found["indicators"]:
        yield _time_left(found)
    if found.get("deadline") is not None:
        yield _deadline(found, now)
    by_hand = "resume" if found.get("paused") else "pause"
    yield click.style(f"by hand: fairlead promote {service}, abort {service}, {by_hand} {service}", dim=True)


def _deadline(found: Facts, now: float) -> str:
    then = {"hold": "it is held", "ask": "you are asked", "roll back": "it is taken back"}[found["at_deadline"]]
    left = found["deadline"] - now
    return f"without one in {span(left)} {then}" if left > 0 else f"past its deadline: {then}"


def _cut(text: str, width: int | None) -> str:
    if width is None or len(click.unstyle(text)) <= width:
        return text
    return click.unstyle(text)[: width - 1] + "…"
