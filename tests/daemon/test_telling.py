"""Who hears what the daemon does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fairlead.daemon.telling import Hub, Operation
from fairlead.engine.journal import Journal
from fairlead.engine.journal.events import EventBook
from fairlead.engine.saying import Say
from fairlead.errors import NotReady, Problem, StackError
from fairlead.kit.clock import SystemClock

PASSWORD = "made" + "-up"


@pytest.fixture
def book(tmp_path: Path) -> EventBook:
    return EventBook(Journal(tmp_path / "journal.db"))


@pytest.fixture
def hub(book: EventBook) -> Hub:
    return Hub(SystemClock(), book, lambda text: text.replace(PASSWORD, "***"))


async def heard(operation: Operation) -> list[tuple[str, str]]:
    return [(message["level"], message["text"]) async for message in operation.messages()]


async def test_a_client_hears_every_line_and_then_the_result(hub: Hub) -> None:
    """In order; the result comes last."""

    async def work(say: Say) -> dict[str, int]:
        say("info", "notes", "one")
        say("progress", "notes", "two")
        return {"answer": 42}

    messages = [message async for message in Operation(hub, "notes", work).messages()]
    assert [message["text"] for message in messages] == ["one", "two", ""]
    assert messages[-1]["level"] == "done"
    assert messages[-1]["data"] == {"answer": 42}


async def test_an_error_comes_with_its_hint_and_exit_code(hub: Hub) -> None:
    """As the last line."""

    async def work(say: Say) -> None:
        raise NotReady("notes v2: not ready within 5 s", hint="`fairlead logs notes`")

    last = [message async for message in Operation(hub, "notes", work).messages()][-1]
    assert (last["level"], last["hint"], last["data"]["code"]) == ("error", "`fairlead logs notes`", 7)


async def test_every_problem_of_a_stack_file_is_passed_on(hub: Hub) -> None:
    """Not only the first."""

    async def work(say: Say) -> None:
        raise StackError([Problem("fairlead.yaml", line, "services", "wrong") for line in (3, 9)])

    last = [message async for message in Operation(hub, "stack", work).messages()][-1]
    assert [problem["line"] for problem in last["data"]["problems"]] == [3, 9]


async def test_an_operation_goes_on_when_nobody_listens(hub: Hub) -> None:
    """Ctrl-C leaves a release to the daemon."""
    done = asyncio.Event()

    async def work(say: Say) -> None:
        await asyncio.sleep(0)
        done.set()

    operation = Operation(hub, "notes", work)
    await done.wait()
    await operation.task


async def test_what_matters_is_kept_and_progress_is_not(hub: Hub, book: EventBook) -> None:
    """The audit trail."""
    for level in ("info", "progress", "output", "warning", "error"):
        hub.say(level, "notes", level)
    assert [event.text for event in book.after(0)] == ["info", "warning", "error"]


async def test_followers_hear_every_operation(hub: Hub) -> None:
    """From when they began to follow."""
    hub.say("info", "notes", "before")
    with hub.following() as queue:
        hub.say("info", "notes", "after")
        assert (await queue.get())["text"] == "after"
        assert queue.empty()


async def test_no_secret_is_told_or_kept(hub: Hub, book: EventBook) -> None:
    """Every message passes through the redaction."""

    async def work(say: Say) -> None:
        say("info", "notes", f"connecting with {PASSWORD}")

    assert await heard(Operation(hub, "notes", work)) == [("info", "connecting with ***"), ("done", "")]
    assert PASSWORD not in book.after(0)[0].text
