"""`python -m bench.load http://127.0.0.1:8080 --plain /a --stream /a/stream`: load until SIGTERM or a time limit.

Says `begun` once every path has answered, and writes its summary as JSON at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from bench.load.plain import Plain
from bench.load.sockets import sockets
from bench.load.streams import streams
from bench.load.tally import Tally


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--plain", action="append", default=[], metavar="PATH", help="plain requests go here")
    parser.add_argument("--stream", action="append", default=[], metavar="PATH", help="streams are read from here")
    parser.add_argument("--socket", action="append", default=[], metavar="PATH", help="WebSockets echo here")
    parser.add_argument("--plain-body", action="append", default=[], metavar="JSON", help="sent with plain requests")
    parser.add_argument("--stream-body", action="append", default=[], metavar="JSON", help="sent to begin streams")
    parser.add_argument("--rate", type=float, default=200.0, help="plain requests a second, in all")
    parser.add_argument("--streams", type=int, default=10, help="streams open, in all")
    parser.add_argument("--sockets", type=int, default=10, help="WebSockets open, in all")
    parser.add_argument("--seconds", type=float, default=3600.0, help="time limit")
    parser.add_argument("--out", type=Path, help="file for the summary; standard output when left out")
    parser.add_argument("--trace", type=Path, help="file for a line on each answer: when, path, version")
    return parser.parse_args(arguments)


async def load(asked: argparse.Namespace, tally: Tally) -> None:
    """All of it, until it is told to end."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for end in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(end, ending.set)
    loop.call_later(asked.seconds, ending.set)
    where = urlsplit(asked.url)
    host, port = where.hostname or "127.0.0.1", where.port or 80
    async with asyncio.TaskGroup() as tasks:
        if asked.plain:
            tasks.create_task(Plain(host, port, asked.plain, tally, asked.plain_body).run(asked.rate, ending))
        for number in range(asked.streams if asked.stream else 0):
            path = asked.stream[number % len(asked.stream)]
            sent = asked.stream_body[number % len(asked.stream_body)] if asked.stream_body else ""
            tasks.create_task(streams(host, port, path, tally, ending, sent))
        for number in range(asked.sockets if asked.socket else 0):
            path = asked.socket[number % len(asked.socket)]
            tasks.create_task(sockets(host, port, path, tally, ending))
        print("begun", flush=True)


def main() -> None:
    """Run, and leave the summary."""
    asked = options()
    with ExitStack() as files:
        tally = Tally(files.enter_context(asked.trace.open("w", buffering=1)) if asked.trace else None)
        asyncio.run(load(asked, tally))
    text = json.dumps(tally.summary(), indent=1)
    if asked.out:
        asked.out.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
