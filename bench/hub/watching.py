"""What it costs to watch a request, in microseconds of the thread that serves it: `python -m bench.hub.watching`.

The best of several rounds, each over finished flights of a desk in memory; what a thread does later (the line of the
log, the event, the span) stands beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.apps.hub.serving.fakes import DONE, FINISH, ROLE, STREAM, USAGE, word
from tests.apps.hub.serving.telling import BODY, STREAMED, town

from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.watching import access_log, outcomes
from fairlead.apps.hub.watching.events import Events
from fairlead.apps.hub.watching.recording import Recorder
from fairlead.apps.hub.watching.tracing.sampling import Sampling

ROUNDS, TIMES = 9, 20_000


def main() -> None:
    here = town()
    recorder, events, flights = Recorder(lambda: here.table), Events("run"), list[Flight]()
    here.desk.watchers = (flights.append,)
    here.asks(BODY)
    here.asked("one").answers()
    here.asks(STREAMED)
    here.asked("one").begins(200, STREAM).says(ROLE, word("a"), word("b"), FINISH, USAGE, DONE).ends()
    for name, flight in zip(("a whole answer", "a stream"), flights, strict=True):
        made = outcomes.outcome(flight, 1)
        told("counted", name, lambda flight=flight: recorder.ended(flight))
        told("its outcome", name, lambda flight=flight: outcomes.outcome(flight, 1))
        told("kept for events", name, lambda made=made: events.add(made))
        told("beside: a line of the log", name, lambda made=made: list(access_log.lines([(made, None)])))
    sampling = Sampling()
    told("a trace of its own", "where traces are on", lambda: sampling.begun({}))


def told(what: str, name: str, do: Callable[[], object]) -> None:
    """Measure and print."""
    print(f"{name:20} {what:26} {best(do) * 1e6:6.2f} us")


def best(do: Callable[[], object]) -> float:
    """Seconds for one, in the best round."""
    found = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(TIMES):
            do()
        found.append((time.thread_time() - began) / TIMES)
    return min(found)


if __name__ == "__main__":
    main()
