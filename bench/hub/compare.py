"""The hub beside plain proxies and, when asked for, its peers: one upstream, one load, one run. Prints ratios.

python -m bench.hub.compare [--peers] [--only NAME…] [--seconds N] [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Mapping
from pathlib import Path

import uvloop

from bench.figures import Figures, table
from bench.hub import mock
from bench.hub.gateways import PLAIN, Gateway, Start
from bench.hub.load import Paced, full, paced
from bench.hub.mock import Mock
from bench.hub.peers import PEERS
from bench.hub.programs import running
from bench.hub.streams import Streams, at_once, one_by_one

BUILD = Path("build/bench-hub")
CONNECTIONS = 64
RATE = 500.0
SLOW = 500
"""Requests in the first second: with fewer, a gateway is warmed up and measured for longer."""
SLOW_S = 20.0

Row = dict[str, object]

BARS = {"nginx": 0.4, "tensorzero": 4.0, "sglang-router": 2.0, "portkey": 25.0, "litellm": 150.0}
"""How many times as many requests per CPU second as each the hub should serve, at least."""

MOST = {"added p99 ms": 1.5, "RSS MB": 80.0}
"""Of the hub's figures."""


def main() -> int:
    """Measure, print, and end with 1 when a bar is not met."""
    parser = argparse.ArgumentParser(prog="python -m bench.hub.compare", description=__doc__)
    parser.add_argument("--peers", action="store_true", help="install the peers, each on its own, and measure them too")
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"of {', '.join([*PLAIN, *PEERS])}")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    parser.add_argument("--rounds", type=int, default=3, help="of which the best counts: what else runs only slows")
    parser.add_argument("--streams", type=int, default=1000, help="open at once")
    parser.add_argument("--results", type=Path, default=Path("build/bench"))
    asked = parser.parse_args()
    known: dict[str, Start] = {**PLAIN, **PEERS}
    names = asked.only or [*PLAIN, *(PEERS if asked.peers else ())]
    if unknown := set(names) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    figures = compared({name: known[name] for name in names}, asked)
    print(f"\n{table(figures.rows)}\n")
    for what in figures.broken:
        print(f"BROKEN: {what}")
    print(figures.save(asked.results, "hub"))
    return 1 if figures.broken else 0


def compared(starts: Mapping[str, Start], asked: argparse.Namespace) -> Figures:
    """All of them, round by round, so that what else happens on the machine meets each."""
    upstream = mock.started(BUILD.absolute())
    rows: dict[str, list[Row]] = {}
    with running(upstream.program):
        direct = Gateway("direct", upstream.program, upstream.port)
        plain = uvloop.run(paced(direct, rate=RATE, seconds=asked.seconds))
        first = uvloop.run(one_by_one(direct, 20))
        for number in range(asked.rounds):
            for name, start in starts.items():
                print(f"round {number + 1}: {name}", flush=True)
                if (row := _measured(start, upstream, plain, first, asked)) is not None:
                    rows.setdefault(name, []).append(row)
    best = [_best(found) for found in rows.values()]
    return Figures([*with_ratios(best)], broken(best), {"rounds": rows})


def _measured(start: Start, upstream: Mock, plain: Paced, first: Streams, asked: argparse.Namespace) -> Row | None:
    try:
        gateway = start((BUILD / start.__name__).absolute(), upstream.port)
    except RuntimeError as error:
        print(f"  left out: {error}")
        return None
    with running(gateway.program):
        return measured(gateway, plain, first, asked)


def measured(gateway: Gateway, plain: Paced, first: Streams, asked: argparse.Namespace) -> Row:
    """One gateway."""
    slow = full(gateway, BUILD.absolute(), connections=CONNECTIONS, seconds=1).requests < SLOW
    if slow:
        full(gateway, BUILD.absolute(), connections=CONNECTIONS, seconds=SLOW_S / 4)
    before = gateway.program.used()
    got = full(gateway, BUILD.absolute(), connections=CONNECTIONS, seconds=SLOW_S if slow else asked.seconds)
    after = gateway.program.used()
    can = got.requests / got.seconds > RATE
    steady = uvloop.run(paced(gateway, rate=RATE, seconds=asked.seconds)) if can else Paced([float("nan")])
    ones = uvloop.run(one_by_one(gateway, 20))
    memory = gateway.program.used().rss_bytes
    many = uvloop.run(at_once(gateway, asked.streams))
    return {
        "gateway": gateway.name,
        "requests/CPU-s": round((got.requests - got.bad) / (after.cpu_s - before.cpu_s)),
        "requests/s": round(got.requests / got.seconds),
        "bad": got.bad,
        "added p50 ms": round(steady.at(0.5) - plain.at(0.5), 3),
        "added p99 ms": round(steady.at(0.99) - plain.at(0.99), 3),
        "first token added ms": added(ones, first),
        "RSS MB": round(memory / 2**20),
        "with streams MB": round(gateway.program.used().rss_bytes / 2**20),
        "streams whole": f"{many.whole}/{asked.streams}",
        "chunks in one read": round(many.chunks / max(1, many.reads), 2),
    }


def added(ones: Streams, first: Streams) -> float:
    """To the first token, in milliseconds; not a number where no stream began."""
    if not ones.firsts:
        return float("nan")
    return round((statistics.median(ones.firsts) - statistics.median(first.firsts)) * 1000, 3)


def _best(rows: list[Row]) -> Row:
    """Of the rounds, for each figure: the highest rate, the lowest time."""
    best = dict(rows[0])
    for name in ("requests/CPU-s", "requests/s"):
        best[name] = max(row[name] for row in rows)  # type: ignore[type-var]  # numbers all
    for name in ("added p50 ms", "added p99 ms", "first token added ms"):
        best[name] = min(row[name] for row in rows)  # type: ignore[type-var]  # numbers all
    return best


def with_ratios(rows: list[Row]) -> list[Row]:
    """How many times as many requests per CPU second the hub serves as each."""
    hub = _ours({str(row["gateway"]): row for row in rows})
    if hub is None:
        return rows
    return [{**row, "hub is": f"{_rate(hub) / max(1.0, _rate(row)):.2f} x"} for row in rows]


def broken(rows: list[Row]) -> list[str]:
    """Bars that were not met."""
    by_name = {str(row["gateway"]): row for row in rows}
    hub = _ours(by_name)
    if hub is None:
        return []
    found = [
        f"{_rate(hub) / _rate(by_name[name]):.2f} x {name}, should be at least {bar:g} x"
        for name, bar in BARS.items()
        if name in by_name and _rate(hub) < bar * _rate(by_name[name])
    ]
    found += [
        f"{what}: {hub[what]}, should be at most {most:g}" for what, most in MOST.items() if _at(hub, what) > most
    ]
    whole, _, streams = str(hub["streams whole"]).partition("/")
    if whole != streams or hub["bad"]:
        found.append(f"{whole} of {streams} streams were whole, {hub['bad']} answers were none")
    return found


def _ours(by_name: Mapping[str, Row]) -> Row | None:
    """Compiled, where that was measured: so it is in the wheels."""
    return by_name.get("hub-compiled") or by_name.get("hub")


def _rate(row: Row) -> float:
    return _at(row, "requests/CPU-s")


def _at(row: Row, what: str) -> float:
    return float(str(row[what]))


if __name__ == "__main__":
    sys.exit(main())
